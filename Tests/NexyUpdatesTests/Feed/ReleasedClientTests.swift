import NexyUpdates
import Testing

/// What the released client does: the first item's enclosure, its attributes, `packaging.version`, https.
@Suite struct ReleasedClientTests {
  private typealias Samples = FeedSamples

  private func verdict(_ items: [String], build: String = "1.6.1.43", namespace: String = Feed.sparkleNamespace) throws
    -> ReleasedVerdict
  {
    let feed = try FeedReader().feed(from: Array(Samples.document(items, namespace: namespace).utf8))
    return FeedSimulation.verdict(of: feed, for: FeedClient(build: build, systemVersion: "10.0.0", time: 0)).released
  }

  @Test func `it takes the first item and no other`() throws {
    let verdict = try verdict([
      Samples.item(build: "2.0", "<sparkle:channel>beta</sparkle:channel>"), Samples.item(build: "3.0"),
    ])
    #expect(verdict.outcome == .updates && verdict.build == "2.0")
    #expect(try self.verdict([Samples.item(build: "1.0"), Samples.item(build: "3.0")]).outcome == .stays)
  }

  @Test func `another namespace hides the attributes from it`() throws {
    let verdict = try verdict([Samples.item()], namespace: "https://www.andymatuschak.org/xml-namespaces/sparkle")
    #expect(verdict.outcome == .stays)
  }

  @Test(
    arguments: [
      ("sparkle:version='2.0.0.15'", .updates), ("sparkle:version='1.6.1.43'", .stays),
      ("sparkle:version='1.6.1.43.0'", .stays), ("sparkle:version='1.6.1.43-1'", .updates),
      ("sparkle:version='2.0.0-beta.3'", .updates), ("sparkle:version='2.0 (5)'", .stays), ("", .stays),
      ("length='12' sparkle:version='2'", .updates), ("length='0' sparkle:version='2'", .updates),
      ("length='12 MB' sparkle:version='2'", .stays), ("length='' sparkle:version='2'", .stays),
    ] as [(String, ReleasedVerdict.Outcome)])
  func `the attributes decide`(case: (attributes: String, outcome: ReleasedVerdict.Outcome)) throws {
    let item = Samples.item { $0.attributes = "url='https://a.b/c.dmg' \(`case`.attributes)" }
    #expect(try verdict([item]).outcome == `case`.outcome)
  }

  @Test(
    arguments: [
      ("https://a.b/c.dmg", .updates), ("https://a.b/c.pkg?x=1", .updates), ("https://a.b/c", .updates),
      ("http://localhost:8081/c.dmg", .updates), ("http://127.0.0.1/c.dmg", .updates), ("https://a.b/c.zip", .fails),
      ("http://a.b/c.dmg", .fails), ("c.dmg", .fails), ("https:///c.dmg", .fails), ("", .fails),
    ] as [(String, ReleasedVerdict.Outcome)])
  func `the address decides`(case: (address: String, outcome: ReleasedVerdict.Outcome)) throws {
    #expect(try verdict([Samples.item { $0.url = `case`.address }]).outcome == `case`.outcome)
  }

  @Test func `a feed without an item and an item without an enclosure change nothing`() throws {
    #expect(try verdict([]).outcome == .stays)
    #expect(try verdict([Samples.item { $0.hasEnclosure = false }]).outcome == .stays)
    #expect(try verdict([Samples.item()], build: "unknown").outcome == .stays)
  }
}
