import NexyCore

/// Holds a feed against everything that Sparkle or the released client would reject, ignore or misread.
package enum FeedLint {
  /// All findings of a feed's bytes, those of the whole feed first; a feed that cannot be read is one finding.
  package static func findings(
    in bytes: [UInt8], limits: FeedReader.Limits = FeedReader.Limits()
  ) -> [Finding] {
    do throws(NexyError) {
      return findings(in: try FeedReader(limits: limits).feed(from: bytes))
    } catch {
      return [FeedRule.feedUnreadable.finding(at: "feed", error.message)]
    }
  }

  /// All findings of a feed, those of the whole feed first, then item by item.
  package static func findings(in feed: Feed) -> [Finding] {
    var lint = WholeFeedLint(feed: feed)
    lint.check()
    let ofItems = feed.items.enumerated().flatMap { offset, item in
      var lint = ItemLint(item, number: offset + 1, isFeedSigned: feed.trailer != nil)
      lint.check()
      return lint.findings
    }
    return lint.findings + ofItems
  }
}

/// The findings of one item; each theme has a file of its own.
struct ItemLint {
  let item: FeedItem
  let enclosure: FeedElement?
  /// nil when Sparkle cannot read the item.
  let reading: SparkleItem?
  private(set) var findings: [Finding] = []
  private let place: String

  init(_ item: FeedItem, number: Int, isFeedSigned: Bool) {
    self.item = item
    enclosure = item.enclosure
    place = "item \(number) (line \(item.line))"
    reading = try? SparkleItem(item, isFeedSigned: isFeedSigned)
  }

  mutating func check() {
    checkNames()
    checkVersions()
    checkEnclosure()
    checkSignatures()
    checkSystems()
    checkKind()
    checkNotes()
    checkDeltas()
  }

  /// - Parameter part: where in the item, such as `enclosure`.
  mutating func report(_ rule: FeedRule, _ part: String? = nil, _ message: String) {
    findings.append(rule.finding(at: part.map { "\(place), \($0)" } ?? place, message))
  }
}
