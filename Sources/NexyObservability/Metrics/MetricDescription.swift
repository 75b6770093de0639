import CoreMetrics

/// One metric as an operator reads about it, and as the registry exports it.
package struct MetricDescription: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
    /// A histogram of seconds that also tells quantiles of the last window.
    case timer
  }

  package enum Unit: String, Sendable {
    case count, seconds, bytes, ratio
    /// 1 for yes, 0 for no.
    case truth
  }

  /// As it stands in an exposition, with its unit and `_total`.
  package let name: String
  package let kind: Kind
  package let unit: Unit
  package let dimensions: [String]
  /// One sentence; the exposition's help text.
  package let meaning: String
  /// An alert rule in PromQL, to start from.
  package let alert: String
  /// Upper bounds of a histogram's or a timer's buckets, ascending, without the infinite one.
  let buckets: [Double]?

  init(
    _ name: String, _ kind: Kind, _ unit: Unit, by dimensions: [String] = [], buckets: [Double]? = nil,
    meaning: String, alert: String
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.dimensions = dimensions
    self.buckets = buckets
    self.meaning = meaning
    self.alert = alert
  }
}

extension MetricDescription {
  /// The counter of one value for each dimension.
  func counter(_ values: String..., in factory: any MetricsFactory) -> Counter {
    Counter(label: name, dimensions: Array(zip(dimensions, values)), factory: factory)
  }

  func floatingPointCounter(in factory: any MetricsFactory) -> FloatingPointCounter {
    FloatingPointCounter(label: name, factory: factory)
  }

  func meter(_ values: String..., in factory: any MetricsFactory) -> Meter {
    Meter(label: name, dimensions: Array(zip(dimensions, values)), factory: factory)
  }

  func recorder(in factory: any MetricsFactory) -> Recorder { Recorder(label: name, factory: factory) }

  func timer(_ values: String..., in factory: any MetricsFactory) -> Timer {
    Timer(label: name, dimensions: Array(zip(dimensions, values)), factory: factory)
  }
}

/// Upper bounds of buckets, by what they measure.
enum MetricBuckets {
  /// From a health check to the longest turn.
  static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// Time taken over length of audio; above 1 a listener has to wait.
  static let realTimeFactors = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10]
  /// For a recorder that nobody described.
  static let decades = [0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
}
