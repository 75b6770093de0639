import CoreMetrics

/// What is counted of updates.
struct UpdateMetrics: Sendable {
  private let healthy: Meter
  private let feedAge: SeriesCache<String, Meter>
  private let downloads: SeriesCache<String, Counter>
  private let downloadBytes: Counter

  init(registry: MetricsRegistry) {
    healthy = MetricDescription.updatesHealthy.meter(in: registry)
    feedAge = SeriesCache(overflow: MetricsRegistry.overflow) {
      MetricDescription.updatesFeedAge.meter($0, in: registry)
    }
    downloads = SeriesCache(overflow: MetricsRegistry.overflow) {
      MetricDescription.downloads.counter($0, in: registry)
    }
    downloadBytes = MetricDescription.downloadBytes.counter(in: registry)
  }

  func channels(areHealthy: Bool, feedAges: [String: Double]) {
    healthy.set(areHealthy ? 1 : 0)
    for (channel, age) in feedAges { feedAge[channel].set(age) }
    // A channel that is closed has no age any more.
    for (channel, meter) in feedAge.all where feedAges[channel] == nil { meter.set(Double.nan) }
  }

  func downloaded(outcome: String, bytes: Int) {
    downloads[outcome].increment()
    downloadBytes.increment(by: bytes)
  }
}
