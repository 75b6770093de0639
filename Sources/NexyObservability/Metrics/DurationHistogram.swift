import Histogram

/// Durations counted so that any quantile of them can be told within 1 %: from a microsecond to four hours, in
/// 14 KiB however many they are.
struct DurationHistogram: Sendable {
  /// Longer durations count as this one.
  static let longest = Duration.seconds(4 * 3600)
  private static let highest = UInt64(longest.components.seconds) * 1_000_000

  /// Counts of microseconds.
  private var counts = Histogram<UInt32>(
    lowestDiscernibleValue: 1, highestTrackableValue: highest, numberOfSignificantValueDigits: .two)

  var count: Int { Int(counts.totalCount) }
  var bytes: Int { counts.estimatedFootprintInBytes }

  mutating func record(nanoseconds: Int64) {
    counts.record(min(UInt64(max(nanoseconds, 0)) / 1000, Self.highest))
  }

  /// In seconds; nil when nothing was recorded.
  func quantile(_ fraction: Double) -> Double? {
    guard count > 0 else { return nil }
    return Double(counts.valueAtPercentile(fraction * 100)) / 1_000_000
  }

  mutating func reset() { counts.reset() }
}
