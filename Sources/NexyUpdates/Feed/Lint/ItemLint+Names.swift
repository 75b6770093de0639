/// Names that no client knows, and elements of which only one counts.
extension ItemLint {
  private static let elements: Set<String> = [
    "version", "shortVersionString", "minimumSystemVersion", "maximumSystemVersion", "minimumAutoupdateVersion",
    "ignoreSkippedUpgradesBelowVersion", "minimumUpdateVersion", "hardwareRequirements", "channel", "criticalUpdate",
    "informationalUpdate", "phasedRolloutInterval", "releaseNotesLink", "fullReleaseNotesLink", "deltas", "tags",
  ]
  private static let attributes: Set<String> = [
    "version", "shortVersionString", "edSignature", "dsaSignature", "os", "installationType", "minimumSystemVersion",
    "deltaFrom", "deltaFromSparkleExecutableSize", "deltaFromSparkleLocales",
  ]
  /// These may stand once for each language.
  private static let translated: Set<String> = [
    "title", "description", "link", "sparkle:releaseNotesLink", "sparkle:fullReleaseNotesLink",
  ]
  private static let single: Set<String> = ["enclosure", "pubDate", "title", "description", "link"]

  mutating func checkNames() {
    var counts: [String: Int] = [:]
    for element in item.elements {
      counts[element.name, default: 0] += 1
      if let name = Self.sparkles(element.name), !Self.elements.contains(name) {
        report(.elementUnknown, FeedText.plain(element.writtenName), "No client reads this element here.")
      }
    }
    for name in (enclosure?.attributes ?? [:]).keys.sorted() {
      if let own = Self.sparkles(name), !Self.attributes.contains(own) {
        report(.elementUnknown, "enclosure, \(FeedText.plain(name))", "No client reads this attribute here.")
      }
    }
    if let stray = enclosure?.strayAttributes.min() {
      report(
        .namespace, "enclosure, \(FeedText.plain(stray))",
        "It lies in another namespace than Sparkle's, so the released client does not see it.")
    }
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) where count > 1 {
      guard Self.sparkles(name) != nil || Self.single.contains(name), !Self.translated.contains(name) else { continue }
      report(.elementRepeated, FeedText.plain(name), "It stands \(count) times; only the first one counts.")
    }
  }

  private static func sparkles(_ name: String) -> String? {
    name.hasPrefix("sparkle:") ? String(name.dropFirst("sparkle:".count)) : nil
  }
}
