import Histogram
import NexyCore

/// What was counted in one round of a load.
struct LoadTally: Sendable {
  /// What a request that never began counts as.
  static let notBegun = "not_begun"

  let figures: [String]
  let measured: Duration
  /// Requests that ended well within the measured time, whenever they began.
  private(set) var completed = 0
  /// Requests that ended well, with those of the warm-up and those that outlasted the measured time.
  private(set) var endedWell = 0
  /// Requests that were meant to begin in the measured time and ended well.
  private(set) var count = 0
  /// Those that did not, by what became of them.
  private(set) var errors: [String: Int] = [:]
  private var histograms: [LatencyHistogram]

  init(figures: [String], measured: Duration) {
    self.figures = figures
    self.measured = measured
    histograms = figures.map { _ in LatencyHistogram() }
  }

  /// Takes a request that ended well.
  ///
  /// - Parameters:
  ///   - isMeasured: Whether it was meant to begin in the measured time.
  ///   - isCompleted: Whether it ended in it.
  mutating func take(_ latencies: [Duration], isMeasured: Bool, isCompleted: Bool) {
    endedWell += 1
    if isCompleted { completed += 1 }
    guard isMeasured else { return }
    count += 1
    for (index, latency) in zip(histograms.indices, latencies) { histograms[index].record(latency) }
  }

  mutating func fail(_ kind: String) { errors[kind, default: 0] += 1 }

  /// - Parameter wait: How long the request had waited when it was given up: the least that its latencies can be.
  mutating func giveUp(after wait: Duration) {
    fail(Self.notBegun)
    for index in histograms.indices { histograms[index].record(wait) }
  }

  func round(of subject: String, amounts: [String: Double] = [:]) -> BenchRun.Round {
    BenchRun.Round(
      subject: subject, seconds: measured.inSeconds, count: count, errors: errors,
      perSecond: Double(completed) / measured.inSeconds,
      latencies: Dictionary(uniqueKeysWithValues: zip(figures, histograms.map(\.percentiles))), amounts: amounts)
  }
}

/// Latencies in microseconds, to three significant digits, however many there are.
struct LatencyHistogram: Sendable {
  private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)

  init() {}

  init(_ latencies: some Sequence<Duration>) {
    for latency in latencies { record(latency) }
  }

  mutating func record(_ latency: Duration) { histogram.record(UInt64(max(0, latency.wholeNanoseconds / 1000))) }

  var percentiles: BenchRun.Percentiles {
    let milliseconds = { (percentile: Double) in Double(histogram.valueAtPercentile(percentile)) / 1000 }
    return BenchRun.Percentiles(
      count: Int(histogram.totalCount), p50: milliseconds(50), p95: milliseconds(95), p99: milliseconds(99),
      max: milliseconds(100))
  }
}
