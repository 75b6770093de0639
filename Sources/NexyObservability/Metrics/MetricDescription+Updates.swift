// What is served to clients that update themselves.
extension MetricDescription {
  static let updatesHealthy = MetricDescription(
    "nexy_updates_healthy", .gauge, .truth,
    meaning: "Whether every channel of updates is in order: 1, or 0 when /health of the update server tells a reason.",
    alert: "max_over_time(nexy_updates_healthy[5m]) == 0")
  static let updatesFeedAge = MetricDescription(
    "nexy_updates_feed_age_seconds", .gauge, .seconds, by: ["channel"],
    meaning: "Time since the release of a channel; a feed that has stopped moving grows old.",
    alert: #"nexy_updates_feed_age_seconds{channel="stable"} > 90 * 86400"#)
  static let downloads = MetricDescription(
    "nexy_updates_downloads_total", .counter, .count, by: ["outcome"],
    meaning: "Downloads that were begun, by how they ended.",
    alert: #"rate(nexy_updates_downloads_total{outcome="stalled"}[15m]) > 0.1"#)
  static let downloadBytes = MetricDescription(
    "nexy_updates_download_bytes_total", .counter, .bytes,
    meaning: "Bytes of files that were sent to clients.",
    alert: "rate(nexy_updates_download_bytes_total[5m]) > 50e6")

  static let updates: [MetricDescription] = [.updatesHealthy, .updatesFeedAge, .downloads, .downloadBytes]
}
