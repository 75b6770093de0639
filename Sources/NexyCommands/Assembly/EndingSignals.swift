import ArgumentParser
import Foundation
import UnixSignals

/// SIGTERM, SIGINT and a terminal's SIGHUP, for commands that have started something which has to end before they do.
enum EndingSignals {
  /// As shells tell that a signal ended a command.
  private static let offset: Int32 = 128

  /// Runs `body`; a signal cancels it.
  ///
  /// - Parameter failure: What a signal is told as; `ExitCode` 128 and its number by default.
  /// - Throws: What `body` throws; the failure after a signal, when `body` has ended.
  static func cancel<Value: Sendable>(
    telling failure: @escaping @Sendable (UnixSignal) -> any Error = { ExitCode(offset + $0.rawValue) },
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let ending = [.sigterm, .sigint] + (isHangupIgnored ? [] : [UnixSignal.sighup])
    let signals = await UnixSignalsSequence(trapping: ending)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        for await signal in signals { throw failure(signal) }
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() { if let value { return value } }
      throw CancellationError()
    }
  }

  /// Whether somebody had it ignored before the start, as `nohup` does.
  private static let isHangupIgnored: Bool = {
    let before = signal(SIGHUP, SIG_IGN)
    signal(SIGHUP, before)
    return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }()
}
