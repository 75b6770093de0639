import Synchronization

/// Ends work that makes no progress for a while; work that never tells of any has that time in all.
final class SilenceWatch: Sendable {
  private let limit: Duration
  private let clock: any Clock<Duration>
  private let elapsed: @Sendable () -> Duration
  private let latest = Mutex(Duration.zero)

  private init(limit: Duration, clock: any Clock<Duration>) {
    self.limit = limit
    self.clock = clock
    elapsed = Self.reading(clock)
  }

  private static func reading<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }

  func progressed() {
    let now = elapsed()
    latest.withLock { $0 = now }
  }

  /// - Throws: `WebFault` after the silence; what `work` throws.
  static func run<Value: Sendable>(
    limit: Duration, clock: any Clock<Duration>, _ work: @escaping @Sendable (SilenceWatch) async throws -> Value
  ) async throws -> Value {
    let watch = SilenceWatch(limit: limit, clock: clock)
    return try await withThrowingTaskGroup(of: Value.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await work(watch) }
      group.addTask { try await watch.waitForSilence() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  private func waitForSilence() async throws -> Never {
    while true {
      let rest = limit - (elapsed() - latest.withLock { $0 })
      guard rest > .zero else { throw WebFault("nothing moved for \(limit.components.seconds) s") }
      try await clock.sleep(for: rest)
    }
  }
}
