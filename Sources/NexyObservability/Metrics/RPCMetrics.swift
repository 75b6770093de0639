import Foundation
import Synchronization

/// The methods that were called so far, the decisions about them, and when the window of the log began.
final class RPCMetrics: Sendable {
  private let methods: SeriesCache<String, MethodMetrics>
  private let decisions: DecisionMetrics
  private let now: @Sendable () -> Duration
  private let windowStart: Mutex<Duration>

  init(registry: MetricsRegistry) {
    methods = SeriesCache(overflow: MetricsRegistry.overflow) { MethodMetrics($0, registry: registry) }
    decisions = DecisionMetrics(registry: registry)
    now = registry.now
    windowStart = Mutex(registry.now())
  }

  subscript(method: String) -> MethodMetrics { methods[method] }

  func decided(_ decision: Decision, method: String) { decisions.decided(decision, method: method) }

  func takeSnapshot(activeTurns: Int, at date: Date) -> MetricsSnapshot {
    windowStart.withLock { start in
      let end = now()
      let length = end - start
      start = end
      return MetricsSnapshot(
        takenAt: date, window: length, activeTurns: activeTurns,
        methods: methods.all.compactMapValues { $0.takeSnapshot() },
        decisions: decisions.takeCounts())
    }
  }
}
