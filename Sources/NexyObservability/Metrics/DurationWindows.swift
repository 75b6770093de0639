/// Durations of the window that runs and of the last whole one.
struct DurationWindows: Sendable {
  /// What is told of a window.
  static let quantiles = [0.5, 0.95, 0.99]

  private let length: Duration
  /// When the running window ends.
  private var end: Duration
  private var running = DurationHistogram()
  /// Nil until one window is whole.
  private var whole: DurationHistogram?

  init(length: Duration, now: Duration) {
    self.length = length
    end = now + length
  }

  mutating func record(nanoseconds: Int64, now: Duration) {
    rotate(now: now)
    running.record(nanoseconds: nanoseconds)
  }

  /// Quantiles of the last whole window in seconds, nil when nothing was recorded in it. As long as no window is whole,
  /// those of the running one.
  mutating func lastQuantiles(now: Duration) -> [Double?] {
    rotate(now: now)
    let last = whole ?? running
    return Self.quantiles.map(last.quantile)
  }

  private mutating func rotate(now: Duration) {
    guard now >= end else { return }
    let skipped = ((now - end) / length).rounded(.down)
    whole = skipped == 0 ? running : DurationHistogram()
    running = DurationHistogram()
    end += length * (skipped + 1)
  }
}
