import NexyVoice
import Synchronization

/// Times what a call waits for, and only that.
final class UpstreamWatch: Sendable {
  private enum Wait {
    case none, connection, firstByte, nextByte, end
  }

  private struct State {
    var wait = Wait.none
    /// When the present wait began.
    var since = Duration.zero
    /// All waits before it.
    var waited = Duration.zero
    var gaveUp = false
  }

  private let budgets: UpstreamBudgets
  private let clock: any Clock<Duration>
  private let watch: Stopwatch
  private let state = Mutex(State())

  init(budgets: UpstreamBudgets, clock: any Clock<Duration>) {
    self.budgets = budgets
    self.clock = clock
    watch = Stopwatch(clock)
  }

  func waitsForConnection() { begin(.connection) }

  /// The first byte is waited for from now on.
  func connected() {
    let now = watch.elapsed
    state.withLock { state in
      // A server may answer before its client has told about the connection.
      guard state.wait == .connection else { return }
      Self.end(&state, now)
      state.wait = .firstByte
      state.since = now
    }
  }

  /// The answer's head has come; the wait for the first byte goes on.
  func headCame() { connected() }

  func waitsForBytes() {
    guard state.withLock({ $0.wait }) != .firstByte else { return }
    begin(.nextByte)
  }

  /// The answer is complete, only its end is missing.
  func waitsForEnd() { begin(.end) }

  func waitEnded() {
    let now = watch.elapsed
    state.withLock { Self.end(&$0, now) }
  }

  /// Whether the guard stopped waiting for the end of a complete answer.
  var gaveUp: Bool { state.withLock { $0.gaveUp } }

  /// Throws once a budget is spent; returns once a complete answer has stayed open for too long; sleeps until then.
  func guardBudgets() async throws {
    while true {
      let (wait, rest) = rest()
      if rest <= .zero {
        guard let spent = spentBudget(wait) else { return state.withLock { $0.gaveUp = true } }
        throw UpstreamFailure.timedOut(spent)
      }
      // What begins during this sleep cannot be over before it ends.
      try await clock.sleep(for: min(rest, budgets.shortest))
    }
  }

  private func begin(_ wait: Wait) {
    let now = watch.elapsed
    state.withLock { state in
      Self.end(&state, now)
      state.wait = wait
      state.since = now
    }
  }

  private static func end(_ state: inout State, _ now: Duration) {
    if state.wait != .none { state.waited += now - state.since }
    state.wait = .none
  }

  /// What is left of the tighter budget of the present wait.
  private func rest() -> (Wait, Duration) {
    let now = watch.elapsed
    return state.withLock { state in
      let waits = state.wait == .none ? .zero : now - state.since
      let whole = budgets.whole - state.waited - waits
      return (state.wait, min(limit(of: state.wait).map { $0 - waits } ?? whole, whole))
    }
  }

  private func limit(of wait: Wait) -> Duration? {
    switch wait {
    case .none: nil
    case .connection: budgets.connect
    case .firstByte: budgets.firstByte
    case .nextByte: budgets.stall
    case .end: budgets.ending
    }
  }

  /// Nil when nothing is missing but the end.
  private func spentBudget(_ wait: Wait) -> UpstreamBudgets.Budget? {
    let now = watch.elapsed
    let isPatient = state.withLock { state in
      limit(of: wait).map { now - state.since < $0 } ?? true
    }
    switch wait {
    case .end: return nil
    case _ where isPatient: return .whole
    case .none: return .whole
    case .connection: return .connect
    case .firstByte: return .firstByte
    case .nextByte: return .stall
    }
  }
}
