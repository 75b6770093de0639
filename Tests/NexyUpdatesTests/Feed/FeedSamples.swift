import NexyTestSupport
import NexyUpdates

/// Feeds for tests, from parts.
enum FeedSamples {
  static let signature = String(repeating: "A", count: 86) + "=="
  /// Sat, 26 Jul 2014 15:20:11 +0000.
  static let date: Int64 = 1_406_388_011

  /// One perfect item, with parts to replace or to add.
  struct Item {
    var title = "Version 2.0.0.15"
    var date: String? = "Sat, 26 Jul 2014 15:20:11 +0000"
    var version: String? = "2.0.0.15"
    var shortVersion: String? = "2.0.0.15"
    var minimumSystem: String? = "12.0.0"
    var url = "https://github.com/owner/repository/releases/download/Update/Nexy.dmg"
    /// In place of the usual attributes of the enclosure.
    var attributes: String?
    /// More attributes of the enclosure.
    var moreAttributes = ""
    var hasEnclosure = true
    /// More elements of the item.
    var elements = ""

    var xml: String {
      var lines = ["<item>", "<title>\(title)</title>"]
      if let date { lines.append("<pubDate>\(date)</pubDate>") }
      if let version { lines.append("<sparkle:version>\(version)</sparkle:version>") }
      if let shortVersion { lines.append("<sparkle:shortVersionString>\(shortVersion)</sparkle:shortVersionString>") }
      if let minimumSystem {
        lines.append("<sparkle:minimumSystemVersion>\(minimumSystem)</sparkle:minimumSystemVersion>")
      }
      lines.append(elements)
      if hasEnclosure { lines.append("<enclosure \(attributes ?? usualAttributes) \(moreAttributes)/>") }
      lines.append("</item>")
      return lines.joined(separator: "\n")
    }

    private var usualAttributes: String {
      var pairs = [("url", url), ("length", "289406976"), ("type", "application/octet-stream")]
      pairs += [("sparkle:edSignature", FeedSamples.signature)]
      if let version { pairs.append(("sparkle:version", version)) }
      if let shortVersion { pairs.append(("sparkle:shortVersionString", shortVersion)) }
      if let minimumSystem { pairs.append(("sparkle:minimumSystemVersion", minimumSystem)) }
      return pairs.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: " ")
    }
  }

  static func item(_ change: (inout Item) -> Void = { _ in }) -> String {
    var item = Item()
    change(&item)
    return item.xml
  }

  /// An item that differs from the perfect one in its build and in added elements.
  static func item(build: String, _ elements: String = "") -> String {
    item {
      $0.version = build
      $0.elements = elements
    }
  }

  static func document(_ items: [String], namespace: String = Feed.sparkleNamespace, after: String = "") -> String {
    """
    <?xml version="1.0" encoding="utf-8"?>
    <rss version="2.0" xmlns:sparkle="\(namespace)">
    <channel>
    <title>Nexy Updates</title>
    <language>en</language>
    \(items.joined(separator: "\n"))
    </channel>
    </rss>
    \(after)
    """
  }

  static func feed(_ items: [String]) throws -> Feed { try FeedReader().feed(from: Array(document(items).utf8)) }

  static func signed(_ document: String) -> String {
    document + "<!-- sparkle-signatures:\nedSignature: \(signature)\nlength: \(document.utf8.count)\n-->\n"
  }

  /// A feed that uses every part of the format, without a fault.
  static let perfect = document([
    item {
      $0.elements = """
        <link>https://example.org/nexy</link>
        <description sparkle:format="markdown"><![CDATA[**New** & better]]></description>
        <sparkle:releaseNotesLink xml:lang="en">https://example.org/notes.html</sparkle:releaseNotesLink>
        <sparkle:releaseNotesLink xml:lang="ru">https://example.org/notes-ru.html</sparkle:releaseNotesLink>
        <sparkle:fullReleaseNotesLink>https://example.org/all.html</sparkle:fullReleaseNotesLink>
        <sparkle:criticalUpdate sparkle:version="2.0.0.3"/>
        <sparkle:phasedRolloutInterval>86400</sparkle:phasedRolloutInterval>
        <sparkle:minimumUpdateVersion>1.0</sparkle:minimumUpdateVersion>
        <sparkle:minimumAutoupdateVersion>2.0.0.0</sparkle:minimumAutoupdateVersion>
        <sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements>
        <sparkle:maximumSystemVersion>26.0.0</sparkle:maximumSystemVersion>
        <sparkle:deltas>
        <enclosure url="https://example.org/d.delta" length="12" type="application/octet-stream"
          sparkle:deltaFrom="2.0.0.14" sparkle:edSignature="\(signature)"/>
        </sparkle:deltas>
        """
    },
    item(build: "2.0.0.16", "<sparkle:channel>beta</sparkle:channel>"),
    item(build: "2.0.0.9"),
  ])
}
