import Foundation
import NexyCore

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Reads an appcast from bytes that nobody vouches for.
///
/// It reads what Sparkle reads (`SUAppcast.m`, 2.6 to 2.9): the items at `rss/channel/item`, Sparkle's names by their
/// namespace and, as Sparkle still does, by the bare prefix `sparkle:`. What an item means is for `FeedLint` and
/// `FeedSimulation` to say; only what is no XML, or too much of it, is refused here.
package struct FeedReader: Sendable {
  /// How much of a feed is read.
  package struct Limits: Sendable {
    /// Bytes of the whole feed.
    package var bytes = 1 << 20
    /// Elements inside one another.
    package var depth = 32
    package var items = 1000
    /// Elements inside items.
    package var elements = 50_000
    /// Declared namespaces.
    package var namespaces = 64
    /// Bytes of one tag.
    package var tagBytes = 16 << 10

    package init() {}
  }

  package var limits: Limits

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// - Throws: `feed_unreadable` with the line and the remedy.
  package func feed(from bytes: [UInt8]) throws(NexyError) -> Feed {
    guard bytes.count <= limits.bytes else {
      throw .feedUnreadable(line: nil, "is larger than \(limits.bytes) bytes", "Drop old items from it.")
    }
    guard !bytes.isEmpty else {
      throw .feedUnreadable(line: nil, "is empty", "Publish it again.")
    }
    try FeedPrecheck.check(bytes, tagBytes: limits.tagBytes)
    let builder = FeedBuilder(limits: limits)
    let parser = XMLParser(data: Data(bytes))
    // Prefixes are resolved by the builder, the same way on every platform.
    parser.shouldProcessNamespaces = false
    parser.shouldResolveExternalEntities = false
    parser.delegate = builder
    // The parser's answer may be true after an error that it could step over; such an error counts here.
    let isWhole = parser.parse()
    if let failure = builder.failure { throw failure }
    guard isWhole, parser.parserError == nil else {
      throw .feedUnreadable(
        line: max(parser.lineNumber, 1), "is not well-formed XML", "Mend it there; `xmllint --noout` shows the place.")
    }
    guard builder.hasEnded else { throw .feedUnreadable(line: nil, "has no root element", "Publish it again.") }
    var feed = builder.feed
    feed.trailer = FeedTrailer(of: bytes)
    return feed
  }
}

extension NexyError.Code {
  /// An appcast that no client could read: not XML, too large, or with declarations that a feed must not have.
  package static let feedUnreadable = Self("feed_unreadable")
}

extension NexyError {
  /// - Parameter fault: what the feed has or is, such as `is empty`.
  static func feedUnreadable(line: Int?, _ fault: String, _ remedy: String) -> Self {
    Self(.feedUnreadable, "The feed \(fault)\(line.map { " at line \($0)" } ?? ""). \(remedy)")
  }
}
