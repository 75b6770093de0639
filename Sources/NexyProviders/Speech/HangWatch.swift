import NexyCore
import NexyVoice
import Synchronization

/// Tells a child process that hangs from a reader that takes its time: only the waiting for the child is timed.
final class HangWatch: Sendable {
  private let limit: Duration
  private let clock: any Clock<Duration>
  private let watch: Stopwatch
  /// When the wait began that goes on now.
  private let waitingSince = Mutex<Duration?>(nil)

  init(limit: Duration, clock: any Clock<Duration>) {
    self.limit = limit
    self.clock = clock
    watch = Stopwatch(clock)
  }

  /// Times one read.
  func timing<Value>(_ read: () async throws -> Value) async rethrows -> Value {
    beginWaiting()
    defer { waitingSince.withLock { $0 = nil } }
    return try await read()
  }

  /// Times what comes next until the next read, such as the wait for the child's end.
  func beginWaiting() { waitingSince.withLock { $0 = watch.elapsed } }

  /// Throws once one wait has lasted for the limit; until then, or for ever, it sleeps.
  func guardWaits(_ failure: @Sendable () -> NexyError) async throws {
    while true {
      let since = waitingSince.withLock { $0 }
      let rest = since.map { limit - (watch.elapsed - $0) } ?? limit
      guard rest > .zero else { throw failure() }
      try await clock.sleep(for: rest)
    }
  }
}
