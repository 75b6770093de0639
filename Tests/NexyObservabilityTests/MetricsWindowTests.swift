import CoreMetrics
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("A timer's quantiles are those of the last window")
struct MetricsWindowTests {
  private let clock = VirtualClock()
  private let registry: MetricsRegistry
  private let timer: Timer

  init() {
    registry = MetricsRegistry(describing: [], window: .seconds(60), clock: clock)
    timer = Timer(label: "answer", factory: registry)
  }

  private func median() throws -> Double? {
    try ParsedExposition(PrometheusText.render(registry.families()))
      .value("answer_seconds_window", ["quantile": "0.5"])
  }

  private func expectMedian(_ seconds: Double?, _ location: SourceLocation = #_sourceLocation) throws {
    let told = try #require(try median(), sourceLocation: location)
    if let seconds {
      #expect(abs(told - seconds) <= seconds * 0.01, sourceLocation: location)
    } else {
      #expect(told.isNaN, sourceLocation: location)
    }
  }

  @Test("until one window is whole, the running one is told")
  func first() throws {
    try expectMedian(nil)
    timer.recordSeconds(2)
    try expectMedian(2)
    clock.advance(by: .seconds(59))
    try expectMedian(2)
  }

  @Test("a whole window is told until the next one is whole")
  func rotation() throws {
    timer.recordSeconds(2)
    clock.advance(by: .seconds(60))
    timer.recordSeconds(7)
    try expectMedian(2)
    clock.advance(by: .seconds(59))
    timer.recordSeconds(7)
    try expectMedian(2)
    clock.advance(by: .seconds(1))
    try expectMedian(7)
    clock.advance(by: .seconds(60))
    try expectMedian(nil)
  }

  @Test("windows in which nothing happened are empty", arguments: [121, 180, 3600, 100_000])
  func gap(seconds: Int) throws {
    timer.recordSeconds(2)
    clock.advance(by: .seconds(seconds))
    timer.recordSeconds(7)
    try expectMedian(nil)
    clock.advance(by: .seconds(60))
    try expectMedian(7)
  }

  @Test("windows stand at whole multiples of their length, whenever they are asked")
  func alignment() throws {
    clock.advance(by: .seconds(90))
    timer.recordSeconds(2)
    try expectMedian(nil)
    clock.advance(by: .seconds(30))
    try expectMedian(2)
  }

  @Test("the buckets count on through all windows")
  func buckets() throws {
    for _ in 0..<3 {
      timer.recordSeconds(2)
      clock.advance(by: .seconds(60))
    }
    let read = try ParsedExposition(PrometheusText.render(registry.families()))
    #expect(read.value("answer_seconds_count") == 3)
  }
}

@Suite("A histogram of durations is exact within one per cent")
struct MetricsDurationHistogramTests {
  /// A generator with a fixed seed (Knuth's MMIX constants), so that a failure comes again.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state << 32) | (state >> 32)
    }
  }

  private static let ranges: [ClosedRange<Double>] = [0.001...0.01, 0.01...1, 0.5...60, 1...10_000]

  @Test("quantiles agree with a sorted array", arguments: ranges, [1, 2, 19, 100, 5000])
  func quantiles(range: ClosedRange<Double>, count: Int) throws {
    var dice = Dice(state: UInt64(count))
    let seconds = (0..<count).map { _ in Double.random(in: range, using: &dice) }.sorted()
    var histogram = DurationHistogram()
    for value in seconds.shuffled(using: &dice) { histogram.record(nanoseconds: Int64(value * 1e9)) }
    for fraction in [0.01, 0.5, 0.95, 0.99, 1] {
      let exact = seconds[max(0, Int((fraction * Double(count)).rounded(.up)) - 1)]
      let told = try #require(histogram.quantile(fraction))
      #expect(abs(told - exact) <= exact * 0.01, "\(fraction): \(told), not \(exact)")
    }
  }

  private static let edges: [(nanoseconds: Int64, seconds: Double)] = [
    (.min, 0), (-1, 0), (0, 0), (999, 0), (1000, 0.000_001), (14_400_000_000_000, 14_400), (.max, 14_400),
  ]

  @Test("durations out of range count as the nearest in range", arguments: edges)
  func clamp(nanoseconds: Int64, seconds: Double) {
    var histogram = DurationHistogram()
    histogram.record(nanoseconds: nanoseconds)
    #expect(histogram.count == 1)
    #expect(histogram.quantile(1) == seconds)
  }

  @Test("an empty one tells nothing")
  func empty() { #expect(DurationHistogram().quantile(0.5) == nil) }

  @Test("it stays below 16 KiB whatever was recorded")
  func memory() {
    var histogram = DurationHistogram()
    for nanoseconds in [1, 1_000_000_000, Int64.max] { histogram.record(nanoseconds: nanoseconds) }
    #expect(histogram.bytes < 16 * 1024)
  }
}
