import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

/// Feeds that somebody made to hurt.
@Suite struct HostileFeedTests {
  private static let entities = (1...9).map { "<!ENTITY l\($0) \"\(String(repeating: "&l\($0 - 1);", count: 10))\">" }

  @Test(arguments: [
    ("external entity", "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><rss>&x;</rss>"),
    ("external type", "<!DOCTYPE rss SYSTEM \"http://127.0.0.1:1/x.dtd\"><rss/>"),
    ("entity bomb", "<!DOCTYPE rss [<!ENTITY l0 \"lol\">\(entities.joined())]><rss>&l9;</rss>"),
    ("parameter entity", "<!DOCTYPE rss [<!ENTITY % x SYSTEM \"file:///dev/zero\"> %x;]><rss/>"),
    ("default attribute", "<?xml version='1.0'?><!-- x --><!DOCTYPE rss [<!ATTLIST item url CDATA 'x'>]><rss/>"),
    ("declaration behind a broken tag", "<rss a='><!DOCTYPE x>'><!DOCTYPE rss></rss>"),
    ("inclusion by entity in an attribute", "<!DOCTYPE r [<!ENTITY x 'y'>]><rss><channel a='&x;'/></rss>"),
  ])
  func `a document type is refused before it is read`(hostile: (name: String, document: String)) throws {
    let error = try #require(throws: NexyError.self) { try FeedReader().feed(from: Array(hostile.document.utf8)) }
    #expect(error.message.contains("document type"), "\(hostile.name): \(error.message)")
  }

  @Test(arguments: [
    ("larger", String(repeating: " ", count: (1 << 20) + 1)),
    ("nested elements", wrapped(String(repeating: "<a>", count: 200_000))),
    ("nested elements", String(repeating: "<a>", count: 200_000)),
    ("items", wrapped("", inItem: false) + String(repeating: "<item/>", count: 1001) + "</channel></rss>"),
    ("elements", wrapped(String(repeating: "<a/>", count: 60_000))),
    ("tag longer", wrapped("<a \((0..<20_000).map { "a\($0)=''" }.joined(separator: " "))/>")),
    ("tag longer", wrapped("<a b='\(String(repeating: "x", count: 20_000))'/>")),
    ("namespaces", wrapped("<a \((0..<100).map { "xmlns:a\($0)='u'" }.joined(separator: " "))/>")),
  ])
  func `too much of anything is refused`(hostile: (word: String, document: String)) throws {
    let error = try #require(throws: NexyError.self) { try FeedReader().feed(from: Array(hostile.document.utf8)) }
    #expect(error.code == .feedUnreadable && error.message.contains(hostile.word), "\(error.message)")
  }

  @Test func `a feed cut at any byte is read as a whole or refused`() {
    let whole = Array(FeedSamples.signed(FeedSamples.perfect).utf8)
    let root = FeedSamples.perfect.utf8.count - 1
    for count in 0..<whole.count {
      let isRead = (try? FeedReader().feed(from: Array(whole[..<count]))) != nil
      // Only the blanks and the trailer after the root element can be spared.
      if isRead, count < root { Issue.record("\(count) bytes are read as a feed") }
      if isRead { exercise(Array(whole[..<count])) }
    }
  }

  @Test func `a feed with bytes changed at random is read or refused`() {
    var random = SplitMix64(seed: 6)
    let item = FeedSamples.item(build: "2.0.0.15", "<sparkle:channel>b</sparkle:channel>")
    let whole = Array(FeedSamples.document([item]).utf8)
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      exercise(bytes)
    }
  }

  @Test func `a feed with parts of the format in any order is read or refused`() {
    var random = SplitMix64(seed: 7)
    let words = [
      "<rss xmlns:sparkle='\(Feed.sparkleNamespace)'>", "<channel>", "<item>", "</item>", "</channel>", "</rss>",
      "<enclosure sparkle:version='", "-1", "'/>", "<sparkle:version>", "</sparkle:version>", "<sparkle:deltas>",
      "<!--",
      "-->", "<![CDATA[", "]]>", "<!DOCTYPE", ">", "<?xml version='1.0' encoding='", "99999999999999999999",
      "<sparkle:phasedRolloutInterval>-9999999999999999999", "</sparkle:phasedRolloutInterval>", "&amp;", "é", "\"",
      "<!-- sparkle-signatures:\n", "length:", " url='https://[::1'", " length='9e9'", " sparkle:deltaFrom='1'",
    ]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 1...24, using: &random)).compactMap { _ in words.randomElement(using: &random) }
      exercise(Array(text.joined().utf8))
    }
  }

  /// Goes through everything that reads a feed; that it comes back with an answer for every item is the test.
  private func exercise(_ bytes: [UInt8]) {
    let client = FeedClient(build: "1.0", systemVersion: "14.0.0", group: 6, time: .max)
    guard let feed = try? FeedReader().feed(from: bytes) else { return }
    let findings = FeedLint.findings(in: feed)
    let verdict = FeedSimulation.verdict(of: feed, for: client)
    let answers = verdict.refusals.count + (verdict.offer == nil ? 0 : 1)
    guard answers == feed.items.count, !feed.items.isEmpty || findings.contains(where: { $0.rule == "no-items" }) else {
      Issue.record("\(answers) answers for \(feed.items.count) items of \(String(decoding: bytes, as: UTF8.self))")
      return
    }
  }

  private static func wrapped(_ inner: String, inItem: Bool = true) -> String {
    "<rss><channel>" + (inItem ? "<item>" + inner + "</item></channel></rss>" : inner)
  }
}
