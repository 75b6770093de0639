/// Percentiles of whole numbers by nearest rank: the smallest value that so many per cent of all do not exceed.
struct Percentiles {
  private let sorted: ContiguousArray<UInt32>

  init(_ parts: [ContiguousArray<UInt32>]) {
    var all = ContiguousArray<UInt32>()
    all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { all += part }
    all.sort()
    sorted = all
  }

  /// Nil without a value.
  var latency: LogSummary.Latency? {
    guard let last = sorted.last else { return nil }
    return LogSummary.Latency(
      count: sorted.count, p50: value(50), p95: value(95), p99: value(99), maximum: Int(last))
  }

  private func value(_ percent: Int) -> Int { Int(sorted[(sorted.count * percent + 99) / 100 - 1]) }
}
