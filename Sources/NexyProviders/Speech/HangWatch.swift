import NexyCore
import Synchronization

/// Tells a child process that hangs from a reader that takes its time: only the waiting for the child is timed.
final class HangWatch: Sendable {
  private let limit: Duration
  private let clock: any Clock<Duration>
  /// How many reads have begun, and whether one waits now.
  private let state = Mutex((reads: 0, waiting: false))

  init(limit: Duration, clock: any Clock<Duration>) {
    self.limit = limit
    self.clock = clock
  }

  /// Marks a read as waiting while it runs.
  func timing<Value>(_ read: () async throws -> Value) async rethrows -> Value {
    state.withLock { $0 = ($0.reads + 1, true) }
    defer { state.withLock { $0.waiting = false } }
    return try await read()
  }

  /// Throws once one read has waited for the limit; until then, or for ever, it waits.
  func guardReads(_ failure: @Sendable () -> NexyError) async throws {
    while true {
      let before = state.withLock { $0 }
      try await clock.sleep(for: limit)
      let after = state.withLock { $0 }
      if after.waiting, before.waiting, after.reads == before.reads { throw failure() }
    }
  }
}
