import NexyUpdates
import Testing

@Suite struct FeedLintTests {
  private typealias Samples = FeedSamples

  private static func rules(_ document: String) -> [String] {
    FeedLint.findings(in: Array(document.utf8)).map(\.rule)
  }

  @Test(arguments: [
    Samples.perfect, Samples.signed(Samples.perfect), Samples.document([Samples.item()]),
    Samples.document([Samples.item { $0.minimumSystem = nil }]),
    Samples.document([Samples.item { $0.url = "https://a.b/c.pkg" }]),
    // The same version twice is meant when the conditions differ.
    Samples.document([
      Samples.item(build: "2", "<sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements>"),
      Samples.item(build: "2"),
    ]),
  ])
  func `a perfect feed has no findings`(document: String) {
    #expect(FeedLint.findings(in: Array(document.utf8)).map(\.description) == [])
  }

  /// An item with one fault, and all the rules that it breaks.
  private static let faults: [(name: String, item: String, rules: Set<String>)] = [
    (
      "nothing", item { ($0.version, $0.attributes) = (nil, "url='https://a.b/c.dmg'") },
      [
        "version-missing", "version-attribute", "short-version", "enclosure-length-missing", "enclosure-type",
        "system-attribute", "signature-missing",
      ]
    ),
    (
      "name", item { ($0.version, $0.url) = (nil, "https://a.b/c_2.0.dmg") },
      ["version-from-name", "version-attribute"]
    ),
    (
      "element only", item { $0.attributes = attributes(build: nil, short: nil, system: nil) },
      ["version-attribute", "short-version", "system-attribute"]
    ),
    ("attribute differs", item { $0.attributes = attributes(build: "3") }, ["version-disagrees"]),
    ("dash", item(build: "2.0.0-beta.3"), ["version-ambiguous"]),
    ("brackets", item(build: "2.0 (5)"), ["version-ambiguous", "version-unparsable"]),
    ("post", item(build: "2.0.post1"), ["version-ambiguous"]),
    ("too long", item(build: "2.99999999999999999999"), ["version-ambiguous"]),
    ("word", item(build: "beta"), ["version-unparsable"]),
    ("fine word", item(build: "2.0b1"), []),
    ("five parts", item(build: "2.0.0.0.1"), []),
    ("no short version", item { $0.shortVersion = nil }, ["short-version"]),
    ("short version differs", item { $0.attributes = attributes(short: "3") }, ["short-version-disagrees"]),
    ("bound above", added("<sparkle:minimumUpdateVersion>3</sparkle:minimumUpdateVersion>"), ["version-bound"]),
    ("bound empty", added("<sparkle:minimumAutoupdateVersion/>"), ["version-bound"]),
    ("no enclosure", item { $0.hasEnclosure = false }, ["enclosure-missing"]),
    ("link only", item { ($0.hasEnclosure, $0.elements) = (false, "<link>https://a.b</link>") }, ["enclosure-none"]),
    ("no url", item { $0.url = "" }, ["enclosure-url"]),
    ("file", item { $0.url = "file:///c.dmg" }, ["enclosure-scheme"]),
    ("http", item { $0.url = "http://a.b/c.dmg" }, ["enclosure-insecure"]),
    ("relative", item { $0.url = "c.dmg" }, ["enclosure-insecure"]),
    ("localhost", item { $0.url = "http://localhost:8081/c.dmg" }, []),
    ("blank", item { $0.url = "https://a.b/Nexy App.dmg" }, ["enclosure-characters"]),
    ("feed", item { $0.url = "https://a.b/appcast.xml" }, ["enclosure-feed"]),
    ("zip", item { $0.url = "https://a.b/c.zip" }, ["enclosure-suffix"]),
    ("no suffix", item { $0.url = "https://a.b/download?c.dmg" }, ["enclosure-suffix"]),
    ("length", item { $0.attributes = attributes(length: "276 MB") }, ["enclosure-length"]),
    ("length negative", item { $0.attributes = attributes(length: "-1") }, ["enclosure-length"]),
    ("length huge", item { $0.attributes = attributes(length: "99999999999999999999") }, ["enclosure-length"]),
    ("length zero", item { $0.attributes = attributes(length: "0") }, ["enclosure-length-zero"]),
    ("type", item { $0.attributes = attributes(type: "text/html") }, ["enclosure-type"]),
    ("system", item { $0.moreAttributes = "sparkle:os='windows'" }, ["enclosure-os", "first-item"]),
    ("delta", item { $0.moreAttributes = "sparkle:deltaFrom='1'" }, ["enclosure-delta", "first-item"]),
    (
      "installation", item { $0.moreAttributes = "sparkle:installationType='interactive-package'" },
      ["installation-type"]
    ),
    (
      "application",
      item { ($0.url, $0.moreAttributes) = ("https://a.b/c.pkg", "sparkle:installationType='application'") },
      ["installation-type-suffix"]
    ),
    ("signature", item { $0.attributes = attributes(signature: "AAAA") }, ["signature-shape"]),
    (
      "DSA", item { $0.attributes = attributes(signature: nil) + " sparkle:dsaSignature='\(Samples.signature)'" },
      ["signature-dsa", "signature-missing"]
    ),
    (
      "system attribute only",
      item { ($0.minimumSystem, $0.moreAttributes) = (nil, "sparkle:minimumSystemVersion='12.0.0'") },
      ["system-element"]
    ),
    ("systems differ", item { $0.attributes = attributes(system: "13.0.0") }, ["system-disagrees"]),
    ("two parts", item { $0.minimumSystem = "12.0" }, ["system-parts"]),
    ("crossed", added("<sparkle:maximumSystemVersion>11.0.0</sparkle:maximumSystemVersion>"), ["systems-crossed"]),
    (
      "hardware", added("<sparkle:hardwareRequirements>arm64,x86_64</sparkle:hardwareRequirements>"),
      ["hardware-unknown"]
    ),
    ("hardware empty", added("<sparkle:hardwareRequirements/>"), ["hardware-unknown"]),
    ("channel", added("<sparkle:channel>be ta</sparkle:channel>"), ["channel-name"]),
    ("channel empty", added("<sparkle:channel> </sparkle:channel>"), ["channel-name"]),
    ("channel first", added("<sparkle:channel>beta</sparkle:channel>"), ["first-item"]),
    ("critical", added("<sparkle:criticalUpdate sparkle:version='soon'/>"), ["critical-version"]),
    ("critical bare", added("<sparkle:criticalUpdate version='2'/>"), ["critical-version"]),
    ("informational", added("<sparkle:informationalUpdate/>"), ["informational-link"]),
    (
      "informational version",
      added("<link>https://a.b</link><sparkle:informationalUpdate><version>1</version></sparkle:informationalUpdate>"),
      ["informational-version"]
    ),
    ("interval", added("<sparkle:phasedRolloutInterval>1 day</sparkle:phasedRolloutInterval>"), ["rollout-interval"]),
    ("interval zero", added("<sparkle:phasedRolloutInterval>0</sparkle:phasedRolloutInterval>"), ["rollout-interval"]),
    ("date", item { $0.date = "2014-07-26T15:20:11Z" }, ["pub-date"]),
    ("no date", item { $0.date = nil }, ["pub-date"]),
    (
      "rollout date",
      item {
        ($0.date, $0.elements) = (nil, "<sparkle:phasedRolloutInterval>5</sparkle:phasedRolloutInterval>")
      }, ["rollout-date"]
    ),
    ("notes", added("<sparkle:releaseNotesLink>\n https://a.b/n.html</sparkle:releaseNotesLink>"), ["notes-link"]),
    ("full notes", added("<sparkle:fullReleaseNotesLink>http://a.b/n</sparkle:fullReleaseNotesLink>"), ["notes-link"]),
    ("languages", added("<link>https://a.b</link><link xml:lang='de'>https://a.b</link>"), ["notes-language"]),
    (
      "one language",
      added(
        "<description xml:lang='de'>a</description><description xml:lang='de'>b</description>"
      ), ["notes-language"]
    ),
    ("format", added("<description sparkle:format='rtf'>x</description>"), ["description-format"]),
    ("format bare", added("<description format='markdown'>x</description>"), ["description-format"]),
    (
      "markdown",
      item {
        ($0.minimumSystem, $0.elements) = ("11.0.0", "<description sparkle:format='markdown'>x</description>")
      }, ["description-markdown"]
    ),
    ("description", added("<description>https://a.b</description>"), ["description-url"]),
    ("unknown", added("<sparkle:minimumSystemVerson>12.0.0</sparkle:minimumSystemVerson>"), ["element-unknown"]),
    ("signature as an element", added("<sparkle:edSignature>x</sparkle:edSignature>"), ["element-unknown"]),
    ("unknown attribute", item { $0.moreAttributes = "sparkle:hardwareRequirements='arm64'" }, ["element-unknown"]),
    ("repeated", added("<sparkle:version>9</sparkle:version>"), ["element-repeated"]),
    ("delta from", delta("sparkle:edSignature='\(Samples.signature)'"), ["delta-from"]),
    ("delta unsigned", delta("sparkle:deltaFrom='1'"), ["delta-signature"]),
    ("delta repeated", delta(signed + " sparkle:deltaFrom='1'", count: 2), ["delta-repeated"]),
    ("delta version", delta(signed + " sparkle:deltaFrom='1' sparkle:version='9'"), ["delta-version"]),
    ("delta not below", delta(signed + " sparkle:deltaFrom='2.0.0.15'"), ["delta-version"]),
    ("delta url", delta(signed + " sparkle:deltaFrom='1'", url: "file:///d"), ["delta-unreadable"]),
    ("delta length", delta(signed + " sparkle:deltaFrom='1'", length: "0"), ["delta-unreadable"]),
  ]

  @Test(arguments: faults.indices)
  func `an item with one fault breaks its rules and no other`(index: Int) {
    let fault = Self.faults[index]
    let found = FeedLint.findings(in: Array(Samples.document([fault.item]).utf8))
    #expect(Set(found.map(\.rule)) == fault.rules, "\(fault.name): \(found.map(\.description))")
  }

  private static let perfect = Samples.item()
  private static let documents: [(name: String, document: String, rules: Set<String>)] = [
    ("not XML", "<rss>", ["feed-unreadable"]),
    ("no items", Samples.document([]), ["no-items"]),
    ("newest second", Samples.document([Samples.item(build: "2"), Samples.item(build: "3")]), ["first-item"]),
    ("the same twice", Samples.document([Samples.item(build: "2.0"), Samples.item(build: "2")]), ["version-repeated"]),
    ("namespace", Samples.document([perfect], namespace: Feed.sparkleNamespace + "/"), ["namespace"]),
    ("comment after", Samples.document([perfect], after: "<!-- made by hand -->"), ["trailing-content"]),
    ("after the signature", Samples.signed(Samples.perfect) + "<!-- x -->", ["feed-signature", "trailing-content"]),
    (
      "a changed signed feed", Samples.signed(Samples.perfect).replacing("Nexy Updates", with: "Updates"),
      ["feed-signature"]
    ),
    (
      "no signature in it", Samples.perfect + "<!-- sparkle-signatures:\nlength: \(Samples.perfect.utf8.count)\n-->",
      ["feed-signature"]
    ),
    (
      "on one line", Samples.signed(Samples.perfect).replacing("signatures:\n", with: "signatures: \n"),
      ["feed-signature"]
    ),
    (
      "signature inside", Samples.perfect.replacing("</channel>", with: "<!-- sparkle-signatures:\n--></channel>"),
      ["feed-signature"]
    ),
  ]

  @Test(arguments: documents.indices)
  func `a feed with one fault breaks its rules and no other`(index: Int) {
    let fault = Self.documents[index]
    let found = FeedLint.findings(in: Array(fault.document.utf8))
    #expect(Set(found.map(\.rule)) == fault.rules, "\(fault.name): \(found.map(\.description))")
  }

  @Test func `every rule has a fault that breaks it`() {
    let broken = Self.faults.reduce(into: Set<String>()) { $0.formUnion($1.rules) }
      .union(Self.documents.reduce(into: Set<String>()) { $0.formUnion($1.rules) })
    #expect(broken == Set(FeedRule.allCases.map(\.rawValue)))
  }

  @Test(arguments: FeedRule.allCases)
  func `every rule has a name of its own and a remedy`(rule: FeedRule) {
    #expect(rule.remedy.hasSuffix(".") && rule.remedy.count > 10)
    #expect(rule.rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") })
  }

  @Test func `a finding names its item, its line and what was read, on one line`() throws {
    let item = Samples.item { $0.url = "file:///\n" + String(repeating: "x", count: 100) }
    let finding = try #require(FeedLint.findings(in: Array(Samples.document([Samples.item(), item]).utf8)).last)
    #expect(finding.place.hasPrefix("item 2 (line 1") && finding.place.hasSuffix("), enclosure, url"))
    #expect(finding.message.count < 140 && !finding.description.contains("\n"))
    #expect(finding.effect == .rejected)
  }

  // MARK: - Parts of faults

  private static func attributes(
    build: String? = "2.0.0.15", short: String? = "2.0.0.15", system: String? = "12.0.0", length: String = "1",
    type: String = "application/octet-stream", signature: String? = Samples.signature
  ) -> String {
    [
      ("url", "https://a.b/c.dmg"), ("length", length), ("type", type), ("sparkle:version", build),
      ("sparkle:shortVersionString", short), ("sparkle:minimumSystemVersion", system),
      ("sparkle:edSignature", signature),
    ]
    .compactMap { name, value in value.map { "\(name)='\($0)'" } }.joined(separator: " ")
  }

  private static let signed = "sparkle:edSignature='\(Samples.signature)'"

  private static func item(build: String) -> String { Samples.item(build: build) }

  private static func item(_ change: (inout Samples.Item) -> Void) -> String { Samples.item(change) }

  private static func added(_ elements: String) -> String { Samples.item { $0.elements = elements } }

  private static func delta(
    _ attributes: String, count: Int = 1, url: String = "https://a.b/d", length: String = "5"
  ) -> String {
    let one = "<enclosure url='\(url)' length='\(length)' \(attributes)/>"
    return added("<sparkle:deltas>\(String(repeating: one, count: count))</sparkle:deltas>")
  }
}
