import NexyCore
import NexyUpdates
import Testing

@Suite("A manifest is written as it was read")
struct ManifestTextTests {
  @Test(
    "what was read is written equal, and written again byte for byte",
    arguments: [
      [:], ["critical": nil, "auto_install": nil, "notes_url": nil], ["notes_url": .some(.null)],
      ["artifact.ed25519": nil], ["artifact.ed25519": .some(.null)], ["artifact.ed25519": ""],
      ["phased_rollout_interval": .some(.null)], ["phased_rollout_interval": 3600, "channel": "beta"],
      [
        "critical": true, "critical_below": "1.0", "notes_markdown": "# A\n\n* ж \"quoted\" \\ /",
        "hardware_requirements": "arm64",
      ],
      ["unknown": [1, .number(0.1), .number(1e300), .integer(.max), .integer(.min), .null, ["a": [:], "b": []]]],
      ["artifact.unknown": ["deep": ["deeper": "\u{1}\u{7F}🎉"]]], ["": 1],
    ] as [[String: JSONValue?]])
  func roundTrip(changes: [String: JSONValue?]) throws {
    let members = try ManifestStage.members(changes)
    let manifest = try ManifestStage.manifest(changes)
    let written = manifest.encoded()
    #expect(try JSONReader.document(written).value == .object(members))
    let again = try #require(Manifest.reading(written).manifest)
    #expect(again == manifest)
    #expect(again.encoded() == written)
  }

  @Test("a file ends with a newline, has its keys in order and its slashes as they are")
  func form() throws {
    let text = String(decoding: try ManifestStage.manifest().encoded(), as: UTF8.self)
    #expect(text.hasPrefix("{\n  \"artifact\": {\n    \"arch\": \"universal2\",\n"))
    #expect(text.hasSuffix("\"x_note\": \"kept — ja\"\n}\n"))
    #expect(text.contains("https://github.com/"))
    #expect(text.contains("9007199254740993"))
  }

  @Test("a field that was changed is written, and everything else stays")
  func changed() throws {
    var manifest = try ManifestStage.manifest(["notes_url": "https://example.org/"])
    manifest.isCritical = true
    manifest.notesURL = nil
    manifest.rolloutInterval = 600
    manifest.releaseDate += 1
    manifest.artifact.size = 5
    manifest.artifact.signature = nil
    let members = try ManifestStage.members([
      "critical": true, "notes_url": nil, "phased_rollout_interval": 600, "release_date": "2026-03-05T07:08:10Z",
      "artifact.size": 5, "artifact.ed25519": nil,
    ])
    #expect(try JSONReader.document(manifest.encoded()).value == .object(members))
  }

  @Test("a manifest that was made by hand reads back with the same fields")
  func made() throws {
    let version = try #require(ReleaseVersion("3.1"))
    let artifact = Manifest.Artifact(
      kind: .pkg, url: "https://github.com/Nexy.pkg", size: 7, sha256: String(repeating: "a", count: 64))
    let manifest = Manifest(version: version, build: version, releaseDate: 1_772_694_489, artifact: artifact)
    let (read, findings) = Manifest.reading(manifest.encoded())
    #expect(findings.map(\.rule) == ["ed25519-missing"])
    #expect(read?.artifact == artifact)
    #expect(read?.releaseDate == manifest.releaseDate)
    #expect(read?.installsItself == false)
  }
}
