import CoreMetrics
import Synchronization

/// How many values fell into each bucket.
struct BucketCounts: Sendable {
  /// Upper bounds, ascending, without the infinite one.
  let bounds: [Double]
  /// One more than there are bounds; not cumulative.
  private(set) var counts: [UInt64]
  private(set) var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  mutating func record(_ value: Double) {
    var bucket = 0
    while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
    counts[bucket] += 1
    sum += value
  }
}

/// Counts values by size.
final class HistogramCell: MetricCell, RecorderHandler {
  let id: SeriesID
  private let state: Mutex<BucketCounts>

  init(_ id: SeriesID, bounds: [Double]) {
    self.id = id
    state = Mutex(BucketCounts(bounds: bounds))
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    state.withLock { $0.record(value) }
  }

  func write(into families: inout FamilyWriter) { families.add(state.withLock { $0 }, to: id) }
}

/// Counts durations by length, and knows the quantiles of the last window.
final class TimerCell: MetricCell, TimerHandler {
  private struct State {
    var seconds: BucketCounts
    var windows: DurationWindows
  }

  let id: SeriesID
  private let now: @Sendable () -> Duration
  private let state: Mutex<State>

  init(_ id: SeriesID, bounds: [Double], window: Duration, now: @escaping @Sendable () -> Duration) {
    self.id = id
    self.now = now
    state = Mutex(
      State(seconds: BucketCounts(bounds: bounds), windows: DurationWindows(length: window, now: now())))
  }

  func recordNanoseconds(_ duration: Int64) {
    let nanoseconds = max(duration, 0)
    let now = now()
    state.withLock { state in
      state.seconds.record(Double(nanoseconds) / 1e9)
      state.windows.record(nanoseconds: nanoseconds, now: now)
    }
  }

  func write(into families: inout FamilyWriter) {
    let now = now()
    let (seconds, quantiles) = state.withLock { ($0.seconds, $0.windows.lastQuantiles(now: now)) }
    families.add(seconds, to: id)
    families.add(quantiles, to: id)
  }
}
