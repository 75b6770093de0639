import NexyCore
import NexyUpdates
import Testing

@Suite struct FeedReaderTests {
  @Test func `everything in an item is kept`() throws {
    let feed = try FeedReader().feed(from: Array(FeedSamples.perfect.utf8))
    #expect(feed.items.map { $0.text("sparkle:version") } == ["2.0.0.15", "2.0.0.16", "2.0.0.9"])
    let item = try #require(feed.items.first)
    #expect(item.line == 6)
    #expect(item.attribute("length") == "289406976")
    #expect(item.attribute("sparkle:edSignature") == FeedSamples.signature)
    #expect(item.element("description")?.text == "**New** & better")
    #expect(item.element("description")?.attributes == ["sparkle:format": "markdown"])
    #expect(item.elements("sparkle:releaseNotesLink").map(\.language) == ["en", "ru"])
    #expect(item.element("sparkle:criticalUpdate")?.attributes == ["sparkle:version": "2.0.0.3"])
    #expect(item.deltas.map { $0.attributes["sparkle:deltaFrom"] } == ["2.0.0.14"])
    #expect(item.publicationDate == "Sat, 26 Jul 2014 15:20:11 +0000")
    #expect(item.publishedAt == FeedSamples.date)
    #expect(feed.strayNamespaces.isEmpty && feed.trailer == nil && feed.afterwords.isEmpty)
  }

  @Test func `names are known by their namespace and not by their prefix`() throws {
    let feed = try read(
      """
      <rss xmlns:s="\(Feed.sparkleNamespace)" xmlns:dc="urn:other"><channel><item xmlns:t="\(Feed.sparkleNamespace)">
      <s:version>1</s:version><t:channel>beta</t:channel><dc:version>2</dc:version>
      <minimumSystemVersion xmlns="\(Feed.sparkleNamespace)">12.0.0</minimumSystemVersion>
      <enclosure s:version="1" dc:version="2" version="3" xml:lang="en"/>
      </item></channel></rss>
      """)
    let item = try #require(feed.items.first)
    #expect(
      item.elements.map(\.name) == [
        "sparkle:version", "sparkle:channel", "dc:version", "sparkle:minimumSystemVersion", "enclosure",
      ])
    #expect(
      item.enclosure?.attributes == ["sparkle:version": "1", "dc:version": "2", "version": "3", "xml:lang": "en"])
    #expect(feed.strayNamespaces.isEmpty)
  }

  @Test func `the bare prefix of another namespace is read as Sparkle reads it and reported`() throws {
    let feed = try read(
      """
      <rss xmlns:sparkle="https://www.andymatuschak.org/xml-namespaces/sparkle" xmlns:own="\(Feed.sparkleNamespace)">
      <channel><item><enclosure sparkle:version="2" own:os="macos" sparkle:os="windows"/></item></channel></rss>
      """)
    let enclosure = try #require(feed.items.first?.enclosure)
    #expect(enclosure.attributes == ["sparkle:version": "2", "sparkle:os": "macos"])
    #expect(enclosure.strayAttributes == ["sparkle:version"])
    #expect(feed.strayNamespaces.map(\.prefix) == ["sparkle"] && feed.strayNamespaces.map(\.line) == [1])
  }

  @Test(arguments: [
    "<rss><item/></rss>", "<feed><channel><item/></channel></feed>", "<rss><channel><a><item/></a></channel></rss>",
    "<rss xmlns='urn:other'><channel><item/></channel></rss>",
    "<rss xmlns:a='urn:other'><channel><a:item/></channel></rss>", "<rss/>",
  ])
  func `items elsewhere than in rss and channel are not found`(document: String) throws {
    #expect(try read(document).items.isEmpty)
  }

  @Test func `text is joined over entities, comments, children and sections`() throws {
    let feed = try read(
      "<rss><channel><item><title> a&amp;b<!-- no -->&#65;<i>c</i><![CDATA[<d>]]>é </title></item></channel></rss>")
    #expect(feed.items.first?.element("title")?.text == " a&bAc<d>é ")
    #expect(feed.items.first?.text("title") == "a&bAc<d>é")
  }

  @Test func `an English reader gets the English element`() throws {
    let feed = try read(
      """
      <rss><channel><item><title xml:lang="ru">r</title><title xml:lang="en">e</title><title xml:lang="de">d</title>
      <link xml:lang="de">d</link><link xml:lang="fr">f</link></item></channel></rss>
      """)
    #expect(feed.items.first?.text("title") == "e")
    #expect(feed.items.first?.text("link") == "d")
  }

  @Test func `a signed feed's trailer is found and its bytes are counted`() throws {
    let document = FeedSamples.perfect
    let feed = try read(FeedSamples.signed(document))
    let trailer = try #require(feed.trailer)
    #expect(trailer.signedBytes == document.utf8.count)
    #expect(trailer.signature == FeedSamples.signature)
    #expect(trailer.length == String(document.utf8.count))
    #expect(trailer.isOnLinesOfItsOwn && !trailer.isFollowed)
    #expect(feed.afterwords.count == 1)
  }

  @Test(arguments: [
    ("", "is empty"), ("   ", "has no root element"), ("nothing", "is not well-formed XML"),
    ("<rss>\n<channel>", "is not well-formed XML at line 2"), ("<rss></rss>\njunk", "is not well-formed XML at line 2"),
    ("<rss/><rss/>", "is not well-formed XML"), ("<rss a='1' a='2'/>", "is not well-formed XML"),
    ("<rss>\n&nbsp;</rss>", "is not well-formed XML at line 2"), ("<rss>\u{1}</rss>", "is not well-formed XML"),
    ("<rss>\n\u{0}</rss>", "is not UTF-8 text at line 2"),
    ("<?xml version='1.0' encoding='UTF-16'?><rss/>", "declares an encoding other than UTF-8 at line 1"),
    ("<?xml version='1.0' encoding = \"IBM037\"?><rss/>", "declares an encoding other than UTF-8 at line 1"),
    ("<rss>\n<channel><item><x:y/></item></channel></rss>", "uses a prefix without a namespace at line 2"),
    ("<!DOCTYPE rss><rss/>", "has a document type declaration at line 1"),
    (
      "<rss xmlns:a='\(Feed.sparkleNamespace)' xmlns:b='\(Feed.sparkleNamespace)'><channel><item>"
        + "<enclosure a:os='1' b:os='2'/></item></channel></rss>", "has an attribute twice at line 1"
    ),
  ])
  func `what is no feed is refused with its line and a remedy`(refusal: (String, String)) throws {
    let error = try #require(throws: NexyError.self) { try read(refusal.0) }
    #expect(error.code == .feedUnreadable)
    #expect(error.message.hasPrefix("The feed \(refusal.1)"), "\(error.message)")
    #expect(error.message.split(separator: ". ").count == 2, "the remedy is missing: \(error.message)")
  }

  @Test(arguments: ["utf-8", "UTF-8", "us-ascii"])
  func `the encodings that are UTF-8 are read`(encoding: String) throws {
    #expect(try read("\u{FEFF}<?xml version='1.0' encoding='\(encoding)'?>\n<rss/>").items.isEmpty)
  }

  private func read(_ document: String) throws -> Feed { try FeedReader().feed(from: Array(document.utf8)) }
}
