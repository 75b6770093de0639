import NexyCore
import NexyUpdates
import Testing

@Suite("A change of a manifest changes what it names and nothing else")
struct ManifestChangeTests {
  private static let now: Int64 = 1_800_000_000
  private static let sha256 = String(repeating: "b", count: 64)
  private static let signature = String(repeating: "B", count: 85) + "A=="

  @Test("unknown members stay, and so does what is not named")
  func keeps() throws {
    let change = ManifestChange(notesURL: "https://example.org/n", isCritical: true)
    let changed = try #require(change.applied(to: try ManifestStage.manifest(), now: Self.now).manifest)
    #expect(changed.members == (try ManifestStage.members(["notes_url": "https://example.org/n", "critical": true])))
  }

  @Test("a version alone is the build too, and a build can be another")
  func build() throws {
    let standing = try ManifestStage.manifest()
    #expect(ManifestChange(version: "2.0.0.6").applied(to: standing, now: Self.now).manifest?.build.text == "2.0.0.6")
    let both = ManifestChange(version: "2.1", build: "2.0.0.7").applied(to: standing, now: Self.now).manifest
    #expect(both?.version.text == "2.1")
    #expect(both?.build.text == "2.0.0.7")
    let alone = ManifestChange(build: "2.0.0.7").applied(to: standing, now: Self.now).manifest
    #expect(alone?.version.text == "2.0.0.5")
    #expect(alone?.build.text == "2.0.0.7")
  }

  private static let replacements: [(change: ManifestChange, isSigned: Bool)] = [
    (ManifestChange(url: "https://github.com/other/Nexy.dmg"), false), (ManifestChange(size: 1), false),
    (ManifestChange(sha256: sha256), false), (ManifestChange(size: 1, sha256: sha256), false),
    (ManifestChange(version: "2.0.0.6", sha256: sha256), false), (ManifestChange(signature: ""), false),
    (ManifestChange(sha256: "AABBCCDDEEFF00112233445566778899AABBCCDDEEFF00112233445566778899"), true),
    (ManifestChange(size: 276_012_345), true), (ManifestChange(version: "2.0.0.6"), true),
    (ManifestChange(isCritical: true), true), (ManifestChange(minimumSystem: "13.0", architecture: "arm64"), true),
  ]

  @Test("a signature goes with the file that it is of", arguments: replacements)
  func signatureDropped(change: ManifestChange, isSigned: Bool) throws {
    let (manifest, findings) = change.applied(to: try ManifestStage.manifest(), now: Self.now)
    #expect(manifest?.artifact.signature == (isSigned ? ManifestStage.signature : nil))
    #expect(findings.contains { $0.rule == "ed25519-missing" } == !isSigned)
  }

  @Test("a new file with its signature is signed")
  func signed() throws {
    let change = ManifestChange(
      version: "2.0.0.6", url: "https://github.com/a/Nexy.pkg", size: 9, sha256: Self.sha256, signature: Self.signature)
    let (manifest, findings) = change.applied(to: try ManifestStage.manifest(), now: Self.now)
    #expect(findings == [])
    #expect(manifest?.artifact.signature == Self.signature)
    #expect(manifest?.artifact.kind == .pkg)
    #expect(manifest?.releaseDate == Self.now)
  }

  @Test("the date is the release's: it moves with version, build and file, and stays otherwise")
  func date() throws {
    let standing = try ManifestStage.manifest()
    #expect(
      ManifestChange(isCritical: true).applied(to: standing, now: Self.now).manifest?.releaseDate == 1_772_694_489)
    #expect(ManifestChange(version: "2.0.0.6").applied(to: standing, now: Self.now).manifest?.releaseDate == Self.now)
    #expect(ManifestChange(size: 4).applied(to: standing, now: Self.now).manifest?.releaseDate == Self.now)
  }

  @Test("the same change made twice gives the same bytes")
  func twice() throws {
    let change = ManifestChange(version: "2.0.0.6", size: 9, sha256: Self.sha256, signature: Self.signature)
    let once = try #require(change.applied(to: try ManifestStage.manifest(), now: Self.now).manifest)
    let twice = try #require(change.applied(to: once, now: Self.now + 500).manifest)
    #expect(twice.encoded() == once.encoded())
  }

  @Test("the first manifest of a channel needs all that a manifest needs")
  func first() throws {
    let (missing, findings) = ManifestChange(version: "1.0").applied(to: nil, now: Self.now)
    #expect(missing == nil)
    #expect(
      findings.filter { $0.effect == .rejected }.map(\.rule)
        == ["type-missing", "url-missing", "size-missing", "sha256-missing"])
    let change = ManifestChange(version: "1.0", url: "https://github.com/a/Nexy.dmg", size: 9, sha256: Self.sha256)
    let manifest = try #require(change.applied(to: nil, now: Self.now).manifest)
    #expect(manifest.releaseDate == Self.now)
    #expect(
      Set(manifest.members.keys)
        == ["version", "build", "release_date", "artifact", "critical", "auto_install", "notes_url"])
  }

  @Test(
    "what the operator typed wrong is a finding of the format",
    arguments: [
      (ManifestChange(version: "2.x"), "version-parts"), (ManifestChange(url: "http://github.com/N.dmg"), "url-https"),
      (ManifestChange(size: 0), "size-range"), (ManifestChange(sha256: "xyz"), "sha256-digits"),
      (ManifestChange(signature: "xyz"), "ed25519-base64"), (ManifestChange(notesURL: "ftp://a"), "notes-url-https"),
      (ManifestChange(minimumSystem: "new"), "min-os-parts"),
      (ManifestChange(url: "https://github.com/Nexy.exe"), "type-suffix"),
    ])
  func wrong(change: ManifestChange, rule: String) throws {
    let (manifest, findings) = change.applied(to: try ManifestStage.manifest(), now: Self.now)
    #expect(manifest == nil)
    #expect(findings.filter { $0.effect == .rejected }.map(\.rule).contains(rule))
  }
}
