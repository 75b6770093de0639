import NexyVoice
import Synchronization

/// Keeps calls away from a provider that fails: after some faults in a row it opens; when its time is over, one call at
/// a time may try until one succeeds.
package final class CircuitBreaker: Sendable {
  private let core: Mutex<BreakerCore>
  private let watch: Stopwatch

  package init(_ rules: BreakerRules = BreakerRules(), clock: any Clock<Duration> = ContinuousClock()) {
    core = Mutex(BreakerCore(rules))
    watch = Stopwatch(clock)
  }

  package var state: BreakerState { core.withLock { $0.state(at: watch.elapsed) } }

  /// Why a call would be refused now; nil when it would not.
  var refusal: ProviderFault? { core.withLock { $0.refusal(at: watch.elapsed) } }

  /// Asks for a call; whoever is admitted must `leave` once.
  func enter() -> BreakerCore.Entry { core.withLock { $0.enter(at: watch.elapsed) } }

  /// The call's answer has begun.
  func answered(_ pass: BreakerCore.Pass) -> BreakerCore.Change? { core.withLock { $0.answered(pass) } }

  func leave(_ pass: BreakerCore.Pass, _ verdict: BreakerCore.Verdict) -> BreakerCore.Change? {
    core.withLock { $0.leave(pass, verdict, at: watch.elapsed) }
  }
}
