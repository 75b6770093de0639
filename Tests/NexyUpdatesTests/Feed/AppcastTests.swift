import NexyCore
import Testing

@testable import NexyUpdates

@Suite("A feed is made of a manifest")
struct AppcastTests {
  private static func text(_ changes: [String: JSONValue?] = [:]) throws -> String {
    String(decoding: Appcast.bytes(for: try ManifestStage.manifest(changes)), as: UTF8.self)
  }

  @Test("versions and systems stand as elements for Sparkle and on the enclosure for the released client")
  func wholeFeed() throws {
    let expected = """
      <?xml version="1.0" encoding="utf-8"?>
      <rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
        <channel>
          <title>Nexy Updates</title>
          <description>Updates for Nexy AI Assistant</description>
          <language>en</language>
          <item>
            <title>Version 2.0.0.5</title>
            <description>Update to version 2.0.0.5</description>
            <pubDate>Thu, 05 Mar 2026 07:08:09 +0000</pubDate>
            <sparkle:version>2.0.0.5</sparkle:version>
            <sparkle:shortVersionString>2.0.0.5</sparkle:shortVersionString>
            <sparkle:minimumSystemVersion>12.0.0</sparkle:minimumSystemVersion>
            <enclosure url="https://github.com/Seregawpn/Nexy_production/releases/download/Update/Nexy.dmg" \
      length="276012345" type="application/octet-stream" sparkle:version="2.0.0.5" \
      sparkle:shortVersionString="2.0.0.5" sparkle:minimumSystemVersion="12.0.0" \
      sparkle:edSignature="\(ManifestStage.signature)"/>
          </item>
        </channel>
      </rss>

      """
    #expect(try Self.text() == expected)
  }

  private static let optional: [(changes: [String: JSONValue?], element: String)] = [
    (["critical": true], "<sparkle:criticalUpdate/>"),
    (["critical": true, "critical_below": "2.0.0.3"], #"<sparkle:criticalUpdate sparkle:version="2.0.0.3"/>"#),
    (["phased_rollout_interval": 86_400], "<sparkle:phasedRolloutInterval>86400</sparkle:phasedRolloutInterval>"),
    (["channel": "beta"], "<sparkle:channel>beta</sparkle:channel>"),
    (["hardware_requirements": "arm64"], "<sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements>"),
    (["artifact.arch": "arm64"], "<sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements>"),
    (["artifact.min_os": "14"], "<sparkle:minimumSystemVersion>14.0.0</sparkle:minimumSystemVersion>"),
    (
      ["notes_url": "https://github.com/notes.html"],
      "<sparkle:releaseNotesLink>https://github.com/notes.html</sparkle:releaseNotesLink>"
    ),
    (
      ["notes_markdown": "# New <b>\n* \"fast\" & 'good'"],
      "<description sparkle:format=\"markdown\"># New &lt;b&gt;\n* &quot;fast&quot; &amp; &#39;good&#39;</description>"
    ),
  ]

  @Test("what is optional is told in Sparkle's words, and every client can read it", arguments: optional.indices)
  func optionalElements(index: Int) throws {
    let (changes, element) = Self.optional[index]
    let text = try Self.text(changes)
    #expect(text.contains(element))
    #expect(FeedLint.findings(in: Array(text.utf8)).filter { $0.effect == .rejected } == [])
  }

  @Test("notes that are the artifact itself, as the predecessor wrote them, are no notes")
  func notesOfTheArtifact() throws {
    let url = try #require(try ManifestStage.members()["artifact"]?.object?["url"])
    #expect(try !Self.text(["notes_url": url]).contains("releaseNotesLink"))
  }

  @Test("the lint finds nothing in it, and what was written is what is read")
  func roundTrip() throws {
    let bytes = Appcast.bytes(for: try ManifestStage.manifest())
    #expect(FeedLint.findings(in: bytes) == [])
    #expect(PublishedFeed.differences(of: try FeedReader().feed(from: bytes), from: try ManifestStage.manifest()) == [])
  }

  private static let escapes: [(text: String, escaped: String)] = [
    ("", ""), ("plain", "plain"), ("<&>\"'", "&lt;&amp;&gt;&quot;&#39;"), ("a\u{0}b\u{1B}c", "abc"),
    ("\u{FFFF}ж\t\n", "ж\t\n"), ("]]>", "]]&gt;"),
  ]

  @Test("text is escaped, and characters that XML cannot hold are left out", arguments: escapes)
  func escaped(text: String, escaped: String) { #expect(Markup.escaped(text) == escaped) }
}
