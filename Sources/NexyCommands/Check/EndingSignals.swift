import ArgumentParser
import UnixSignals

/// SIGTERM and SIGINT, for commands that have started something which has to end before they do.
enum EndingSignals {
  /// As shells tell that a signal ended a command.
  private static let offset: Int32 = 128

  /// Runs `body`; a signal cancels it.
  /// - Throws: What `body` throws; `ExitCode` 130 or 143 after a signal, when `body` has ended.
  static func cancel<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        for await signal in signals { throw ExitCode(offset + signal.rawValue) }
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() { if let value { return value } }
      throw CancellationError()
    }
  }
}
