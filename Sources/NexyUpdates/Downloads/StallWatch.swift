import NexyCore
import Synchronization

/// Finds out that a client does not read: only the waiting for the client is timed.
final class StallWatch: Sendable {
  private let limit: Duration
  private let clock: any Clock<Duration>
  private let reading: @Sendable () -> Duration
  /// When the wait began that goes on now.
  private let waitingSince = Mutex<Duration?>(nil)

  init(limit: Duration, clock: any Clock<Duration>) {
    self.limit = limit
    self.clock = clock
    reading = Self.reading(clock)
  }

  /// Since the watch was made.
  var elapsed: Duration { reading() }

  /// Times one wait for the client.
  func timing(_ write: () async throws -> Void) async rethrows {
    let now = elapsed
    waitingSince.withLock { $0 = now }
    defer { waitingSince.withLock { $0 = nil } }
    try await write()
  }

  /// Throws `NexyError` with code `downloadStalled` once one wait has lasted for the limit; until then it sleeps.
  func guardWaits() async throws {
    while true {
      let since = waitingSince.withLock { $0 }
      let rest = since.map { limit - (elapsed - $0) } ?? limit
      guard rest > .zero else { throw NexyError(.downloadStalled, "The client stopped reading; it may resume.") }
      try await clock.sleep(for: rest)
    }
  }

  private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }
}

extension NexyError.Code {
  /// A client read nothing for too long.
  package static let downloadStalled = Self("download_stalled")
}
