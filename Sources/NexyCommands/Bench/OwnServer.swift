import Foundation
import NexyCore
import Subprocess
import SystemPackage

/// A server of this very program as a child, on free ports of loopback and in a folder of its own, for as long as a
/// benchmark runs: `scripted` and `tone`, and the settings that it would start with anywhere.
struct OwnServer: Sendable {
  struct Ports: Sendable {
    let grpc: Int
    let updates: Int
  }

  private static let startLimit = Duration.seconds(30)
  private static let stopLimit = Duration.seconds(5)

  /// Settings by their names in the environment, for limits that a load meets on purpose.
  var limits: [String: String] = [:]
  /// Puts into the working folder what the server is to find there.
  var prepare: @Sendable (_ folder: String) async throws -> Void = { _ in }

  /// Runs `body` beside the server, and ends the server after it, whatever happened; a signal ends both.
  ///
  /// - Throws: What `body` throws; `NexyError` with code `benchFailed` when the server does not start or a signal came.
  func run<Result: Sendable>(_ body: @escaping @Sendable (Ports) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await prepare(folder)
    return try await EndingSignals.cancel(
      telling: { _ in NexyError(.benchFailed, "The benchmark was stopped by a signal.") }
    ) { try await child(folder, body) }
  }

  private func child<Result: Sendable>(
    _ folder: String, _ body: @escaping @Sendable (Ports) async throws -> Result
  ) async throws -> Result {
    guard let program = Bundle.main.executablePath else {
      throw NexyError(.benchFailed, "This program does not know where it is. Run it by its path.")
    }
    var platform = PlatformOptions()
    platform.processGroupID = 0
    platform.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    let ended = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(Self.arguments(folder)),
      environment: .custom(environment(folder)), workingDirectory: FilePath(folder), platformOptions: platform,
      input: .none, output: .sequence, error: .discarded
    ) { execution in
      let ports = try await Self.ports(execution.standardOutput)
      let result = try await body(ports)
      await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: Self.stopLimit)])
      return result
    }
    return ended.closureResult
  }

  private static func arguments(_ folder: String) -> [String] {
    [
      "serve", "--grpc-port", "0", "--http-port", "0", "--update-port", "0", "--data-dir", "\(folder)/data",
      "--llm-provider", "scripted", "--tts-provider", "tone",
    ]
  }

  /// Nothing of the operator's own settings: figures must not depend on them.
  private func environment(_ folder: String) -> [Subprocess.Environment.Key: String] {
    var values = ["HOME": folder, "BACKPRESSURE_DEVICE_RATE": "0", "BACKPRESSURE_MAX_RATE": "0"]
    values["PATH"] = ProcessInfo.processInfo.environment["PATH"]
    values.merge(limits) { $1 }
    return Dictionary(uniqueKeysWithValues: values.map { (Subprocess.Environment.Key(stringLiteral: $0), $1) })
  }

  /// Reads the ports from what `nexy serve` prints once it is ready.
  private static func ports(_ output: SubprocessOutputSequence) async throws -> Ports {
    let ports = try await within(startLimit) {
      var grpc: Int?
      var updates: Int?
      for try await line in output.strings() {
        if line.contains("(gRPC)") { grpc = port(in: line) }
        if line.contains("/updates/") { updates = port(in: line) }
        if let grpc, let updates, line.contains("Next") { return Ports(grpc: grpc, updates: updates) }
      }
      throw NexyError(.benchFailed, "The benchmark's server ended before it was ready. Try `nexy serve`.")
    }
    guard let ports else {
      throw NexyError(.benchFailed, "The benchmark's server was not ready in \(startLimit.components.seconds) s.")
    }
    return ports
  }

  private static func port(in line: String) -> Int? {
    line.firstMatch(of: #/:(\d+)(?:\D|$)/#).flatMap { Int($0.1) }
  }
}
