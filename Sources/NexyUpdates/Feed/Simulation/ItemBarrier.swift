/// What keeps an item from a client, whatever its version is; asked in Sparkle's order.
struct ItemBarrier {
  /// As the end of a sentence.
  var reason: String
  /// When it falls by itself, in seconds since 1970.
  var readyAt: Int64?

  static func first(of item: SparkleItem, for client: FeedClient) -> Self? {
    if !item.isForThisSystem { return Self(reason: "it is for another system than macOS") }
    if item.isDelta { return Self(reason: "it updates one build only, which is for sparkle:deltas to hold") }
    if let minimum = item.minimumUpdateVersion, isOlder(client.build, than: minimum) {
      return Self(reason: "it updates builds from \(FeedText.plain(minimum)) on only")
    }
    if let channel = item.channel, !client.channels.contains(channel) {
      return Self(reason: "it is on channel \(FeedText.plain(channel)), which this client does not read")
    }
    if let minimum = item.minimumSystem, isOlder(client.systemVersion, than: minimum) {
      return Self(reason: "it needs macOS \(FeedText.plain(minimum))")
    }
    if let maximum = item.maximumSystem, isOlder(maximum, than: client.systemVersion) {
      return Self(reason: "it is for macOS up to \(FeedText.plain(maximum))")
    }
    if client.architecture == .x86, needsAppleSilicon(item) { return Self(reason: "it needs Apple silicon") }
    return rollout(of: item, for: client)
  }

  /// macOS 27 runs on Apple silicon alone, so an item that needs it needs that too.
  private static func needsAppleSilicon(_ item: SparkleItem) -> Bool {
    item.hardware.contains("arm64") || item.minimumSystem.map { !isOlder($0, than: "27.0") } ?? false
  }

  private static func rollout(of item: SparkleItem, for client: FeedClient) -> Self? {
    guard !client.isManualCheck, !(item.critical?.contain(client.build) ?? false),
      let interval = item.rolloutInterval, let publishedAt = item.publishedAt
    else { return nil }
    // As Sparkle counts, in floating point: an interval may be absurd.
    let ready = Double(publishedAt) + Double(interval) * Double(client.group)
    let wait = ready - Double(client.time)
    guard wait > 0 else { return nil }
    return Self(
      reason: "group \(client.group) of its phased rollout waits for \(whole(wait)) more seconds",
      readyAt: whole(ready))
  }

  private static func whole(_ seconds: Double) -> Int64 { Int64(exactly: seconds.rounded()) ?? .max }

  private static func isOlder(_ one: String, than other: String) -> Bool {
    SparkleVersion.compare(one, to: other) == .older
  }
}
