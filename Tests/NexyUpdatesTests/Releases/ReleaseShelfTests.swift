import Foundation
import NIOCore
import NexyCore
import Testing

@testable import NexyUpdates

@Suite("The shelf serves the last good release")
struct ReleaseShelfTests {
  private let stage: ManifestStage
  private let shelf: ReleaseShelf

  init() throws {
    stage = try ManifestStage()
    shelf = ReleaseShelf(folder: stage.folder, rules: ManifestRules(), publicKey: nil)
  }

  private func put(_ manifest: Manifest, _ name: String = "manifest.json") throws {
    try stage.write(String(decoding: manifest.encoded(), as: UTF8.self), name)
  }

  private func servedBytes(_ shelf: ReleaseShelf) -> [UInt8] {
    shelf.releases.stable.feed.map { [UInt8]($0.bytes.readableBytesView) } ?? []
  }

  /// Looks again until a condition holds: files' stamps count for some milliseconds.
  private func releases(when condition: (Releases) -> Bool) async -> Releases {
    while !condition(shelf.releases) { await Task.yield() }
    return shelf.releases
  }

  @Test("an empty folder and one that is missing have no release and no problem")
  func empty() {
    for folder in [stage.folder, stage.path("missing")] {
      let releases = ReleaseShelf(folder: folder, rules: ManifestRules(), publicKey: nil).releases
      #expect(releases.stable.manifest == nil && releases.stable.problem == nil)
      #expect(releases.beta.manifest == nil && releases.beta.problem == nil)
    }
  }

  @Test("a release is served as soon as it stands there, the next one after it")
  func change() async throws {
    #expect(shelf.releases.stable.feed == nil)
    try put(try ManifestStage.next("2.0.0.6"))
    let first = await releases { $0.stable.manifest != nil }
    #expect(first.stable.manifest?.build.text == "2.0.0.6")
    try put(try ManifestStage.next("2.0.0.7", digit: "2"))
    let second = await releases { $0.stable.manifest?.build.text == "2.0.0.7" }
    #expect(second.stable.feed?.tag != first.stable.feed?.tag)
    #expect(second.stable.problem == nil)
  }

  private static let bad: [(text: String, told: String)] = [
    ("", "manifest.json is refused"), ("{", "manifest.json is refused"), ("[]", "manifest.json is refused"),
    (#"{"version": 2}"#, "version"), (String(repeating: " ", count: 70_000), "larger than"),
  ]

  @Test("a file that is wrong replaces nothing, and the problem goes with it", arguments: bad)
  func wrong(text: String, told: String) async throws {
    try put(try ManifestStage.next("2.0.0.6"))
    let good = await releases { $0.stable.manifest != nil }
    try stage.write(text, "manifest.json")
    let bad = await releases { $0.stable.problem != nil }
    #expect(bad.stable.problem?.contains(told) == true)
    #expect(bad.stable.feed?.tag == good.stable.feed?.tag)
    try put(try ManifestStage.next("2.0.0.7"))
    let mended = await releases { $0.stable.problem == nil }
    #expect(mended.stable.manifest?.build.text == "2.0.0.7")
  }

  @Test("a beta is withdrawn by taking its manifest away")
  func withdrawn() async throws {
    try put(try ManifestStage.next("2.0.0.9"), "manifest_beta.json")
    _ = await releases { $0.beta.manifest != nil }
    try FileManager.default.removeItem(atPath: stage.path("manifest_beta.json"))
    let gone = await releases { $0.beta.manifest == nil }
    #expect(gone.beta.feed == nil && gone.beta.problem == nil)
  }

  @Test("manifests of single versions are kept by their files' names, others are not")
  func archive() async throws {
    try put(try ManifestStage.next("2.0.0.6"), "manifest_2.0.0.6.json")
    try put(try ManifestStage.next("2.0.0.6"), "manifest_copy.json")
    try stage.write("{", "manifest_2.0.0.7.json")
    #expect(await releases { !$0.archive.isEmpty }.archive.keys.sorted() == ["manifest_2.0.0.6.json"])
  }

  @Test("a release and its own file in the archive are seen together")
  func archiveOfTheRelease() async throws {
    try put(try ManifestStage.next("2.0.0.5"))
    try put(try ManifestStage.next("2.0.0.6", digit: "1"), "manifest_2.0.0.6.json")
    _ = await releases { $0.stable.manifest != nil && !$0.archive.isEmpty }
    try put(try ManifestStage.next("2.0.0.6", digit: "2"), "manifest_2.0.0.6.json")
    try put(try ManifestStage.next("2.0.0.6", digit: "2"))
    let switched = await releases { $0.stable.manifest?.build.text == "2.0.0.6" }
    #expect(switched.visible(withBeta: false).count == 1)
  }

  @Test("a feed that the publisher signed is served as it is, while it says what the manifest says")
  func signedFeed() async throws {
    let key = SparklePrivateKey.generate()
    let (stage, manifest) = (stage, try ManifestStage.next("2.0.0.6"))
    let shelf = ReleaseShelf(folder: stage.folder, rules: ManifestRules(), publicKey: key.publicKey)
    let signed = try SignedFeed.signing(Appcast.bytes(for: manifest), with: key)
    try AtomicFile.write(signed, to: stage.path("appcast.xml"))
    try put(manifest)
    #expect(shelf.releases.stable.isFeedSigned)
    #expect(servedBytes(shelf) == signed)
    try put(try ManifestStage.next("2.0.0.7", digit: "2"))
    while shelf.releases.stable.isFeedSigned { await Task.yield() }
    #expect(shelf.releases.stable.feedProblem?.contains("build, version") == true)
    #expect(shelf.releases.stable.manifest?.build.text == "2.0.0.7")
  }

  private static let otherFeeds: [@Sendable (SparklePrivateKey, [UInt8]) throws -> [UInt8]] = [
    { _, feed in feed },
    { _, feed in try SignedFeed.signing(feed, with: .generate()) },
    { key, feed in [UInt8](try SignedFeed.signing(feed, with: key).dropFirst()) },
    { key, _ in try SignedFeed.signing(Array("<rss></rss>\n".utf8), with: key) },
  ]

  @Test(
    "a feed that is unsigned, signed by another, changed or of nothing is not served", arguments: otherFeeds.indices)
  func otherFeed(index: Int) throws {
    let key = SparklePrivateKey.generate()
    let manifest = try ManifestStage.next("2.0.0.6")
    let shelf = ReleaseShelf(folder: stage.folder, rules: ManifestRules(), publicKey: key.publicKey)
    try AtomicFile.write(Self.otherFeeds[index](key, Appcast.bytes(for: manifest)), to: stage.path("appcast.xml"))
    try put(manifest)
    #expect(shelf.releases.stable.feedProblem != nil)
    #expect(servedBytes(shelf) == Appcast.bytes(for: manifest))
  }

  @Test("a signed feed that is half written replaces no whole one")
  func tornFeed() async throws {
    let key = SparklePrivateKey.generate()
    let manifest = try ManifestStage.next("2.0.0.6")
    let shelf = ReleaseShelf(folder: stage.folder, rules: ManifestRules(), publicKey: nil)
    let signed = try SignedFeed.signing(Appcast.bytes(for: manifest), with: key)
    try AtomicFile.write(signed, to: stage.path("appcast.xml"))
    try put(manifest)
    #expect(shelf.releases.stable.isFeedSigned)
    try AtomicFile.write([UInt8](signed.prefix(700)), to: stage.path("appcast.xml"))
    while shelf.releases.stable.feedProblem == nil { await Task.yield() }
    #expect(servedBytes(shelf) == signed && shelf.releases.stable.isFeedSigned)
  }

  @Test("a trailer of nonsense and a second item make no signed feed, also where no key is known")
  func foreignFeed() throws {
    let manifest = try ManifestStage.next("2.0.0.6")
    let text = String(decoding: Appcast.bytes(for: manifest), as: UTF8.self)
    let trailer = "<!-- sparkle-signatures:\nedSignature: AAAA\nlength: 1\n-->\n"
    let twice = text.replacing(
      "</item>", with: "</item><item>\(text.split(separator: "<item>")[1].split(separator: "</item>")[0])</item>")
    for feed in [Array((text + trailer).utf8), try SignedFeed.signing(Array(twice.utf8), with: .generate())] {
      #expect(PublishedFeed.problem(feed, manifest: manifest, publicKey: nil) != nil)
    }
    let good = try SignedFeed.signing(Array(text.utf8), with: .generate())
    #expect(PublishedFeed.problem(good, manifest: manifest, publicKey: nil) == nil)
  }

  @Test("the artifact of a beta that is refused, and a release newer than everybody's, stay hidden")
  func refusedBeta() async throws {
    let refused = try ManifestStage.bytes([
      "version": 20, "artifact.sha256": .string(String(repeating: "7", count: 64)),
    ])
    try put(try ManifestStage.next("2.0.0.6"))
    try AtomicFile.write(refused, to: stage.path("manifest_beta.json"))
    try put(try ManifestStage.next("2.0.0.8", digit: "8"), "manifest_2.0.0.8.json")
    let releases = await releases { $0.beta.problem != nil && !$0.archive.isEmpty }
    for digit in ["7", "8"] {
      let file = DownloadShelf.Item(name: "x.dmg", size: 1, modified: 0, checksum: String(repeating: digit, count: 64))
      #expect(releases.isBetaOnly(file))
    }
    #expect(releases.visible(withBeta: false).map(\.version.text) == ["2.0.0.6"])
  }
}
