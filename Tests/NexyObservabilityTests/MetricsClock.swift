import Synchronization

/// A clock that stands still until a test moves it.
final class MetricsClock: Clock, Sendable {
  struct Instant: InstantProtocol {
    let offset: Swift.Duration
    func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
    static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
  }

  private struct State {
    var now = Instant(offset: .seconds(1000))
    var sleepers: [(deadline: Instant, wake: AsyncStream<Void>.Continuation)] = []
    var watcher: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  var now: Instant { state.withLock { $0.now } }
  var minimumResolution: Swift.Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
    let (woken, wake) = AsyncStream<Void>.makeStream()
    let watcher = state.withLock { state in
      if deadline <= state.now { wake.finish() } else { state.sleepers.append((deadline, wake)) }
      defer { state.watcher = nil }
      return state.watcher
    }
    watcher?.resume()
    for await _ in woken {}
    try Task.checkCancellation()
  }

  /// Moves time on and wakes who slept until then.
  func advance(by duration: Swift.Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      defer { state.sleepers.removeAll { $0.deadline <= state.now } }
      return state.sleepers.filter { $0.deadline <= state.now }
    }
    for sleeper in due { sleeper.wake.finish() }
  }

  /// Returns once a task sleeps on the clock.
  func waitForSleeper() async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        if state.sleepers.isEmpty { state.watcher = continuation }
        return !state.sleepers.isEmpty
      }
      if ready { continuation.resume() }
    }
  }
}
