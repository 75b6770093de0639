/// The findings that concern a feed as a whole.
struct WholeFeedLint {
  let feed: Feed
  private(set) var findings: [Finding] = []

  init(feed: Feed) { self.feed = feed }

  mutating func check() {
    checkNamespaces()
    if feed.items.isEmpty { report(.noItems, "feed", "No client finds an item in it.") }
    checkFirstItem()
    checkRepeatedVersions()
    checkTrailer()
  }

  private mutating func report(_ rule: FeedRule, _ place: String, _ message: String) {
    findings.append(rule.finding(at: place, message))
  }

  private mutating func checkNamespaces() {
    for stray in feed.strayNamespaces {
      report(
        .namespace, "line \(stray.line)",
        "The prefix \(FeedText.quoted(stray.prefix)) stands for \(FeedText.quoted(stray.address)), "
          + "which is not Sparkle's namespace.")
    }
  }

  private func readings() -> [(number: Int, item: SparkleItem)] {
    feed.items.enumerated().compactMap { offset, item in
      (try? SparkleItem(item, isFeedSigned: feed.trailer != nil)).map { (offset + 1, $0) }
    }
  }

  /// The released client takes the first item whatever it is.
  private mutating func checkFirstItem() {
    let readings = readings()
    guard let first = readings.first, first.number == 1 else { return }
    if let channel = first.item.channel {
      report(
        .firstItem, "item 1",
        "The released client knows no channels: it takes this item of \(FeedText.quoted(channel)) for everyone's.")
    }
    if !first.item.isForThisSystem || first.item.isDelta {
      report(.firstItem, "item 1", "The released client takes this item, which is no release for every Mac.")
    }
    let version = SparkleVersion(first.item.version)
    let newer = readings.first { number, item in
      item.channel == nil && item.isForThisSystem && !item.isDelta
        && SparkleVersion(item.version).compare(to: version) == .newer
    }
    if let newer {
      report(
        .firstItem, "item 1", "Item \(newer.number) is newer, but the released client looks at the first item only.")
    }
  }

  /// Of two items with the same version and the same conditions, the later one is never offered.
  private mutating func checkRepeatedVersions() {
    struct Conditions: Hashable {
      var channel, minimumSystem, maximumSystem, minimumUpdate: String?
      var hardware: Set<String>
    }
    let usable = readings().filter { $0.item.isForThisSystem && !$0.item.isDelta }
    let groups = Dictionary(grouping: usable) { _, item in
      Conditions(
        channel: item.channel, minimumSystem: item.minimumSystem, maximumSystem: item.maximumSystem,
        minimumUpdate: item.minimumUpdateVersion, hardware: item.hardware)
    }
    let repeats = groups.values.flatMap { group in
      let sorted = group.map { ($0.number, SparkleVersion($0.item.version)) }
        .sorted { one, two in
          let order = one.1.compare(to: two.1)
          return order == .same ? one.0 < two.0 : order == .older
        }
      return zip(sorted, sorted.dropFirst()).filter { $0.1.compare(to: $1.1) == .same }
    }
    for (earlier, later) in repeats.sorted(by: { $0.1.0 < $1.1.0 }) {
      report(
        .versionRepeated, "item \(later.0)",
        "Its version \(FeedText.quoted(later.1.text)) equals that of item \(earlier.0), which is taken instead.")
    }
  }

  private mutating func checkTrailer() {
    let isMarked = feed.afterwords.last?.hasPrefix(" sparkle-signatures:") == true
    let comments = feed.afterwords.count - (isMarked ? 1 : 0)
    if comments > 0 {
      report(.trailingContent, "end of the feed", "Something that no client reads follows the root element.")
    }
    guard let trailer = feed.trailer else { return }
    let place = "signature of the feed"
    if !isMarked {
      report(.feedSignature, place, "It does not stand at the end, so the signed bytes are no whole feed.")
    }
    if !trailer.isOnLinesOfItsOwn {
      report(.feedSignature, place, "No line break follows its marker, so Sparkle does not see it.")
    }
    if !(trailer.signature.map(SignatureShape.isSignature) ?? false) {
      report(.feedSignature, place, "Its edSignature is not base64 of 64 bytes.")
    }
    if trailer.length != String(trailer.signedBytes) {
      report(
        .feedSignature, place,
        "It counts \(FeedText.quoted(trailer.length ?? "")) bytes, but \(trailer.signedBytes) stand before it.")
    }
    if isMarked, trailer.isFollowed { report(.trailingContent, place, "Something follows the signature.") }
  }
}
