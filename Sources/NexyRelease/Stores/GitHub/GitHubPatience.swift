import NexyCore
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How long GitHub is waited for: all waiting for rate limits together is bounded, and the operator hears of each wait.
package final class GitHubPatience: Sendable {
  /// Told how long is waited now, and why.
  package typealias OnWait = @Sendable (Duration, String) -> Void

  /// How often a request is tried again that GitHub failed to answer.
  let retries: Int

  private let limit: Duration
  private let clock: any Clock<Duration>
  private let wallTime: @Sendable () -> Int64
  private let jitter: @Sendable () -> Double
  private let onWait: OnWait
  private let waited = Mutex(Duration.zero)

  /// - Parameters:
  ///   - limit: For rate limits in all.
  ///   - retries: How often what failed is tried again.
  ///   - clock: What waits are slept on.
  ///   - wallTime: Seconds since 1970.
  ///   - jitter: From 0 to 1, so that programs that failed together do not come back together.
  package init(
    limit: Duration, retries: Int = 4, clock: any Clock<Duration> = SharedClock(),
    wallTime: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }, onWait: @escaping OnWait = { _, _ in }
  ) {
    self.limit = limit
    self.retries = retries
    self.clock = clock
    self.wallTime = wallTime
    self.jitter = jitter
    self.onWait = onWait
  }

  /// Seconds since 1970.
  var now: Int64 { wallTime() }

  /// Waits for the end of a rate limit.
  /// - Throws: `NexyError` with code `storeLimited` at once when that is more than there is patience for.
  func wait(for limit: GitHubVerdict.Limit, _ wait: Duration) async throws {
    let isBearable = waited.withLock { waited in
      guard waited + wait <= self.limit else { return false }
      waited += wait
      return true
    }
    guard isBearable else {
      let end = ISO8601.text(seconds: now + wait.components.seconds)
      throw NexyError(
        .storeLimited,
        """
        GitHub's \(limit.rawValue) rate limit lasts until \(end) (UTC). Run the command again then, or raise \
        RELEASE_PATIENCE.
        """)
    }
    onWait(wait, "GitHub's \(limit.rawValue) rate limit")
    try await clock.sleep(for: wait)
  }

  /// Waits before another try: 1, 2, 4 and 8 s, half of it by chance, or as long as GitHub asks up to a minute.
  /// - Parameter failures: How many tries failed, from 1.
  func backOff(failures: Int, asked: Duration?, _ reason: String) async throws {
    let most = Duration.seconds(1 << (failures - 1))
    let wait = min(max(most * (0.5 + 0.5 * jitter()), asked ?? .zero), .seconds(60))
    onWait(wait, reason)
    try await clock.sleep(for: wait)
  }
}
