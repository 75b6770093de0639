import CoreMetrics
import Synchronization

/// How often what was decided: since the start for an exposition, since the last snapshot for the log.
final class DecisionMetrics: Sendable {
  private struct Key: Hashable {
    let method: String
    let decision: Decision
    static let overflow = Key(
      method: MetricsRegistry.overflow, decision: Decision(rawValue: MetricsRegistry.overflow))
  }

  private final class Series: Sendable {
    let counter: Counter
    let sinceSnapshot = Atomic<Int>(0)

    init(_ counter: Counter) { self.counter = counter }
  }

  private let series: SeriesCache<Key, Series>

  init(registry: MetricsRegistry) {
    series = SeriesCache(overflow: .overflow) {
      Series(MetricDescription.decisions.counter($0.method, $0.decision.rawValue, in: registry))
    }
  }

  func decided(_ decision: Decision, method: String) {
    let series = series[Key(method: method, decision: decision)]
    series.counter.increment()
    series.sinceSnapshot.wrappingAdd(1, ordering: .relaxed)
  }

  /// By method and decision's word, those that were made; a new window begins.
  func takeCounts() -> [String: [String: Int]] {
    var counts: [String: [String: Int]] = [:]
    for (key, series) in series.all {
      let count = series.sinceSnapshot.exchange(0, ordering: .relaxed)
      if count > 0 { counts[key.method, default: [:]][key.decision.rawValue] = count }
    }
    return counts
  }
}
