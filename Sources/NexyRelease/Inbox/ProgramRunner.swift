import NexyCore
import Subprocess

/// Runs another program to its end; a port, so that tests see exactly what is run.
package protocol ProgramRunner: Sendable {
  /// - Parameters:
  ///   - program: a name that is looked up on PATH.
  ///   - outputLimit: bytes of standard output; a program that writes more is ended.
  ///   - timeLimit: how long it may take.
  /// - Throws: `CancellationError` alone.
  func run(
    _ program: String, _ arguments: [String], outputLimit: Int, timeLimit: Duration
  ) async throws -> ProgramResult
}

/// What came of a program.
package enum ProgramResult: Sendable, Equatable {
  /// What it wrote to standard output, and its exit status; nil when a signal ended it.
  case ended(output: [UInt8], status: Int32?)
  case notInstalled
  /// It was ended, or never ran; why, as the end of a sentence.
  case failed(String)
}

/// Programs of this machine; they get no standard input, and what they complain about is dropped.
package struct InstalledPrograms: ProgramRunner {
  package init() {}

  package func run(
    _ program: String, _ arguments: [String], outputLimit: Int, timeLimit: Duration
  ) async throws -> ProgramResult {
    let result = try await within(timeLimit) { await Self.run(program, arguments, outputLimit: outputLimit) }
    try Task.checkCancellation()
    return result ?? .failed("took longer than \(timeLimit.components.seconds) seconds")
  }

  private static func run(_ program: String, _ arguments: [String], outputLimit: Int) async -> ProgramResult {
    // A group of its own, so that a wrapper's children end with it.
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    do {
      let result = try await Subprocess.run(
        .name(program), arguments: Arguments(arguments), platformOptions: options, output: .bytes(limit: outputLimit),
        error: .discarded)
      guard case .exited(let status) = result.terminationStatus else {
        return .ended(output: result.standardOutput, status: nil)
      }
      return .ended(output: result.standardOutput, status: status)
    } catch let error as SubprocessError {
      switch error.code {
      case .executableNotFound: return .notInstalled
      case .outputLimitExceeded: return .failed("wrote more than \(outputLimit) bytes")
      default: return .failed("could not be run")
      }
    } catch {
      return .failed("could not be run")
    }
  }
}
