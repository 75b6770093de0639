/// The series of one name, as an exposition shows them.
package struct MetricFamily: Sendable {
  enum Kind: String, Sendable { case counter, gauge, histogram }

  struct Sample: Sendable {
    /// The family's name with the sample's suffix.
    let name: String
    let dimensions: [Dimension]
    let value: Double
  }

  let name: String
  let kind: Kind
  let help: String
  var samples: [Sample] = []
}

/// Gathers what the cells of a registry hold.
struct FamilyWriter {
  /// What is known of a name.
  let help: (String) -> String
  private var families: [String: MetricFamily] = [:]

  init(help: @escaping (String) -> String) { self.help = help }

  /// Sorted by name.
  var all: [MetricFamily] { families.values.sorted { $0.name < $1.name } }

  mutating func add(_ value: Double, to id: SeriesID, as kind: MetricFamily.Kind) {
    add(value, id.name, id.dimensions, to: id.name, as: kind)
  }

  /// A histogram: cumulative buckets, sum and count.
  mutating func add(_ buckets: BucketCounts, to id: SeriesID) {
    var total: UInt64 = 0
    for (bound, count) in zip(buckets.bounds + [.infinity], buckets.counts) {
      total += count
      let bucket = Dimension(name: "le", value: PrometheusText.number(bound))
      add(Double(total), id.name + "_bucket", id.dimensions + [bucket], to: id.name, as: .histogram)
    }
    add(buckets.sum, id.name + "_sum", id.dimensions, to: id.name, as: .histogram)
    add(Double(total), id.name + "_count", id.dimensions, to: id.name, as: .histogram)
  }

  /// A timer's window: a gauge for each quantile, not a number where nothing was recorded.
  mutating func add(_ quantiles: [Double?], to id: SeriesID) {
    let name = MetricName.window(of: id.name)
    for (fraction, value) in zip(DurationWindows.quantiles, quantiles) {
      let quantile = Dimension(name: "quantile", value: PrometheusText.number(fraction))
      add(value ?? .nan, name, id.dimensions + [quantile], to: name, as: .gauge)
    }
  }

  private mutating func add(
    _ value: Double, _ name: String, _ dimensions: [Dimension], to family: String, as kind: MetricFamily.Kind
  ) {
    let sample = MetricFamily.Sample(name: name, dimensions: dimensions, value: value)
    families[family, default: MetricFamily(name: family, kind: kind, help: help(family))].samples.append(sample)
  }
}
