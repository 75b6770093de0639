import CoreMetrics
import NexyCore
import Synchronization

/// What is counted of one RPC method: since the start for an exposition, since the last snapshot for the log.
final class MethodMetrics: Sendable {
  private struct Window {
    var durations = DurationHistogram()
    var faults = 0
  }

  private let started: Counter
  private let faults: Counter
  private let inFlight: Meter
  private let duration: Timer
  private let handled: SeriesCache<String, Counter>
  private let window = Mutex(Window())

  init(_ method: String, registry: MetricsRegistry) {
    started = MetricDescription.rpcStarted.counter(method, in: registry)
    faults = MetricDescription.rpcFaults.counter(method, in: registry)
    inFlight = MetricDescription.rpcInFlight.meter(method, in: registry)
    duration = MetricDescription.rpcDuration.timer(method, in: registry)
    handled = SeriesCache(overflow: MetricsRegistry.overflow) {
      MetricDescription.rpcHandled.counter(method, $0, in: registry)
    }
  }

  func begin() {
    started.increment()
    inFlight.increment()
  }

  func end(status: String, isFault: Bool, after duration: Duration) {
    let nanoseconds = duration.wholeNanoseconds
    inFlight.decrement()
    handled[status].increment()
    if isFault { faults.increment() }
    self.duration.recordNanoseconds(nanoseconds)
    window.withLock { window in
      window.durations.record(nanoseconds: nanoseconds)
      if isFault { window.faults += 1 }
    }
  }

  /// The window's figures; nil when no RPC ended in it. A new window begins.
  func takeSnapshot() -> MetricsSnapshot.Method? {
    window.withLock { window in
      guard let p95 = window.durations.quantile(0.95) else { return nil }
      defer { window = Window() }
      return MetricsSnapshot.Method(
        ended: window.durations.count, faults: window.faults, p95Milliseconds: p95 * 1000)
    }
  }
}
