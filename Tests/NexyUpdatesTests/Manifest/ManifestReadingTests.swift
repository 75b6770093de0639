import NexyCore
import NexyUpdates
import Testing

@Suite("A manifest is read with every finding at once")
struct ManifestReadingTests {
  @Test("a manifest of the predecessor's tools is read whole")
  func whole() throws {
    let (manifest, findings) = Manifest.reading(Array(ManifestStage.text.utf8))
    #expect(findings.isEmpty)
    let read = try #require(manifest)
    #expect(read.version.text == "2.0.0.5")
    #expect(read.build.text == "2.0.0.5")
    #expect(read.releaseDate == 1_772_694_489)
    #expect(read.artifact.kind == .dmg)
    #expect(read.artifact.url.hasSuffix("/Nexy.dmg"))
    #expect(read.artifact.fileName == "Nexy.dmg")
    #expect(read.artifact.size == 276_012_345)
    #expect(read.artifact.sha256 == "aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899")
    #expect(read.artifact.architecture == "universal2")
    #expect(read.artifact.minimumSystem?.text == "12.0")
    #expect(read.artifact.signature == ManifestStage.signature)
    #expect(!read.isCritical)
    #expect(read.installsItself)
    #expect(read.notesURL == nil)
    #expect(read.members["x_note"] == "kept — ja")
  }

  @Test("our own members are read")
  func optional() throws {
    let read = try ManifestStage.manifest([
      "critical": true, "critical_below": "2.0.0.4", "phased_rollout_interval": 86400, "channel": "beta",
      "hardware_requirements": "arm64", "notes_markdown": "# New", "notes_url": "https://example.org/notes?v=2#top",
    ])
    #expect(read.isCritical)
    #expect(read.criticalBelow?.text == "2.0.0.4")
    #expect(read.rolloutInterval == 86400)
    #expect(read.feedChannel == "beta")
    #expect(read.hardwareRequirements == "arm64")
    #expect(read.notes == "# New")
    #expect(read.notesURL == "https://example.org/notes?v=2#top")
  }

  private static let long = JSONValue.string(String(repeating: "a", count: 2049))

  private static let rejected: [(path: String, value: JSONValue?, rule: String)] = [
    ("version", nil, "version-missing"), ("version", 2, "version-string"), ("version", .number(2.5), "version-string"),
    ("version", .null, "version-string"), ("version", ["2.0"], "version-string"), ("version", "", "version-parts"),
    ("version", "2.0.0.0.1", "version-parts"), ("version", "2.0b1", "version-parts"),
    ("version", long, "version-length"),
    ("version", "../2.0", "version-parts"), ("version", "2.0\n", "version-parts"),
    ("version", "9999999999", "version-parts"),
    ("build", nil, "build-missing"), ("build", 20, "build-string"), ("build", .number(2.1), "build-string"),
    ("build", false, "build-string"), ("build", "v2", "build-parts"), ("build", "-1", "build-parts"),
    ("release_date", nil, "release-date-missing"), ("release_date", 1_772_694_489, "release-date-string"),
    ("release_date", "5 March 2026", "release-date-format"), ("release_date", "2026-02-30", "release-date-format"),
    ("release_date", "1999-12-31T23:59:59Z", "release-date-years"),
    ("release_date", "2101-01-01", "release-date-years"),
    ("artifact", nil, "artifact-missing"), ("artifact", .null, "artifact-object"), ("artifact", [], "artifact-object"),
    ("artifact.type", nil, "type-missing"), ("artifact.type", 1, "type-string"), ("artifact.type", "exe", "type-known"),
    ("artifact.type", "DMG", "type-known"), ("artifact.type", "pkg", "type-suffix"),

    ("artifact.url", nil, "url-missing"), ("artifact.url", .null, "url-string"), ("artifact.url", long, "url-length"),
    ("artifact.url", "http://github.com/Nexy.dmg", "url-https"),
    ("artifact.url", "https://evil.example/Nexy.dmg", "url-host"),
    ("artifact.url", "https://github.com/Nexy.DMG", "type-suffix"),
    ("artifact.size", nil, "size-missing"), ("artifact.size", .null, "size-integer"),
    ("artifact.size", "5", "size-integer"),
    ("artifact.size", .number(5), "size-integer"), ("artifact.size", .number(5.5), "size-integer"),
    ("artifact.size", 0, "size-range"), ("artifact.size", -1, "size-range"),
    ("artifact.size", .integer(16 << 30 + 1), "size-range"),
    ("artifact.sha256", nil, "sha256-missing"), ("artifact.sha256", 1, "sha256-string"),
    ("artifact.sha256", "", "sha256-digits"),
    ("artifact.sha256", .string(String(repeating: "a", count: 63)), "sha256-digits"),
    ("artifact.sha256", .string(String(repeating: "g", count: 64)), "sha256-digits"),
    ("artifact.sha256", .string(String(repeating: "é", count: 32)), "sha256-digits"),
    ("artifact.ed25519", 5, "ed25519-string"), ("artifact.ed25519", "AAAA", "ed25519-base64"),
    ("artifact.ed25519", " ", "ed25519-base64"),
    ("artifact.ed25519", .string(String(repeating: "A", count: 85) + "B=="), "ed25519-base64"),
    ("artifact.arch", 64, "arch-string"), ("artifact.min_os", .number(12.1), "min-os-string"),
    ("artifact.min_os", "Monterey", "min-os-parts"),
    ("critical", "true", "critical-boolean"), ("critical", 1, "critical-boolean"),
    ("critical", .null, "critical-boolean"),
    ("auto_install", 0, "auto-install-boolean"), ("auto_install", [], "auto-install-boolean"),
    ("notes_url", false, "notes-url-string"), ("notes_url", "http://a.org/", "notes-url-https"),
    ("notes_url", "https://", "notes-url-https"), ("notes_url", "javascript:alert(1)", "notes-url-https"),
    ("notes_url", long, "notes-url-length"), ("critical_below", 2, "critical-below-string"),
    ("critical_below", "two", "critical-below-parts"),
    ("phased_rollout_interval", "60", "phased-rollout-interval-integer"),
    ("phased_rollout_interval", .number(60.5), "phased-rollout-interval-integer"),
    ("phased_rollout_interval", 59, "phased-rollout-interval-range"),
    ("phased_rollout_interval", 2_592_001, "phased-rollout-interval-range"), ("channel", "be ta", "channel-characters"),
    ("channel", "бета", "channel-characters"), ("channel", 1, "channel-string"),
    ("hardware_requirements", "x86_64", "hardware-requirements-known"),
    ("hardware_requirements", ["arm64"], "hardware-requirements-string"),
    ("notes_markdown", 1, "notes-markdown-string"),
    ("notes_markdown", .string(String(repeating: "é", count: 8193)), "notes-markdown-length"),
  ]

  @Test("what breaks a rule is rejected, by that rule alone and with its place", arguments: rejected)
  func rule(path: String, value: JSONValue?, rule: String) throws {
    let (manifest, findings) = Manifest.reading(try ManifestStage.bytes([path: value]))
    #expect(manifest == nil)
    #expect(findings.map(\.rule) == [rule])
    #expect(findings.first?.effect == .rejected)
    let place = rule == "type-suffix" ? "artifact.type" : path
    #expect(findings.first?.place == place)
    #expect(findings.first?.message.isEmpty == false)
    #expect(findings.first?.remedy.isEmpty == false)
  }

  private static let advised: [(changes: [String: JSONValue?], effect: Finding.Effect, rule: String)] = [
    (["artifact.ed25519": nil], .ignored, "ed25519-missing"), (["artifact.ed25519": ""], .ignored, "ed25519-missing"),
    (["artifact.ed25519": .some(.null)], .ignored, "ed25519-missing"),
    (["artifact.type": "zip", "artifact.url": "https://github.com/a/Nexy.zip"], .ignored, "type-zip"),
  ]

  @Test("what clients ignore is told, and the manifest is read all the same", arguments: advised)
  func advice(changes: [String: JSONValue?], effect: Finding.Effect, rule: String) throws {
    let (manifest, findings) = Manifest.reading(try ManifestStage.bytes(changes))
    #expect(manifest != nil)
    #expect(findings.map(\.rule) == [rule])
    #expect(findings.first?.effect == effect)
  }

  @Test(
    "what says nothing is no finding",
    arguments: [
      ["critical": nil], ["auto_install": nil], ["notes_url": nil], ["notes_url": .some(.null)], ["artifact.arch": ""],
      ["artifact.min_os": nil], ["channel": ""], ["phased_rollout_interval": .some(.null)], ["new": ["deep": [1]]],
      ["artifact.size": 1], ["artifact.size": .integer(16 << 30)], ["version": "2"], ["release_date": "2000-01-01"],
      ["release_date": "2100-12-31T23:59:59.999Z"], ["phased_rollout_interval": 60], ["channel": "a-Z_0.9"],
      ["notes_url": "https://example.org"],
    ] as [[String: JSONValue?]])
  func fine(changes: [String: JSONValue?]) throws {
    let (manifest, findings) = Manifest.reading(try ManifestStage.bytes(changes))
    #expect(findings == [])
    #expect(manifest != nil)
  }

  @Test("a build that is a number is refused with the reason")
  func numericBuild() throws {
    let finding = try #require(Manifest.reading(try ManifestStage.bytes(["build": .number(2.1)])).findings.first)
    #expect(finding.message.contains("2.1"))
    #expect(finding.message.contains("updates for ever"))
    #expect(finding.remedy.contains("quotation marks"))
  }

  @Test("everything is told at once")
  func all() throws {
    let (manifest, findings) = Manifest.reading(
      try ManifestStage.bytes([
        "version": 1, "build": nil, "critical": "no", "artifact.size": 0, "artifact.type": "zip",
      ]))
    #expect(manifest == nil)
    #expect(
      findings.map(\.rule)
        == ["version-string", "build-missing", "type-zip", "type-suffix", "size-range", "critical-boolean"])
  }

  private static let damaged: [(bytes: [UInt8], rule: String)] = [
    ([], "manifest-json"), (Array("{".utf8), "manifest-json"), (Array("<?xml version=\"1.0\"?>".utf8), "manifest-json"),
    (Array(ManifestStage.text.utf8.dropLast(40)), "manifest-json"), ([0xFF, 0xFE], "manifest-json"),
    (Array(ManifestStage.text.utf8) + [0x7D], "manifest-json"), (Array("[]".utf8), "manifest-object"),
    (Array("null".utf8), "manifest-object"), ([UInt8](repeating: 0x20, count: 65_537), "manifest-size"),
  ]

  @Test("what is no manifest at all has one finding", arguments: damaged)
  func whole(bytes: [UInt8], rule: String) {
    let (manifest, findings) = Manifest.reading(bytes)
    #expect(manifest == nil)
    #expect(findings.map(\.rule) == [rule])
    #expect(findings.first?.place == "manifest")
  }

  @Test("a key that stands twice is rejected with its place")
  func duplicates() {
    let text = ManifestStage.text.replacing("\"size\":", with: "\"size\": 1, \"size\":")
    let (manifest, findings) = Manifest.reading(Array(text.utf8))
    #expect(manifest == nil)
    #expect(findings.map(\.rule) == ["manifest-duplicate-key"])
    #expect(findings.map(\.place) == ["artifact.size"])
  }

  @Test("a finding cannot write on a terminal")
  func harmless() {
    let text = ##"{"\u001b[2J":1,"\u001b[2J":2,"version":"\u001b]0;x\u0007","channel":"\u009b1m"}"##
    let findings = Manifest.reading(Array(text.utf8)).findings
    #expect(findings.count > 3)
    #expect(
      findings.allSatisfy { $0.description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } })
  }
}
