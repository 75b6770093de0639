import NexyCore
import Testing

@testable import NexyUpdates

@Suite("Channels are judged by their manifests and files")
struct UpdateInspectionTests {
  /// A release and the files beside it.
  struct Scene: Sendable, CustomTestStringConvertible {
    let name: String
    var isOurs = true
    var size: Int64? = 276_012_345
    var checksum: String? = String(repeating: "1", count: 64)
    var verdict: Bool?
    let artifact: UpdateReport.ArtifactState
    let signature: UpdateReport.SignatureState
    var reason: String?

    var testDescription: String { name }
  }

  private static let scenes = [
    Scene(name: "here and right", artifact: .good, signature: .unchecked),
    Scene(name: "here and its signature fits", verdict: true, artifact: .good, signature: .valid),
    Scene(
      name: "here and its signature does not fit", verdict: false, artifact: .good, signature: .invalid,
      reason: "signature"),
    Scene(name: "here and not hashed yet", checksum: nil, artifact: .checking, signature: .unchecked),
    Scene(name: "one byte short", size: 276_012_344, artifact: .wrong, signature: .unchecked, reason: "bytes"),
    Scene(
      name: "one bit flipped", checksum: String(repeating: "0", count: 64), artifact: .wrong, signature: .unchecked,
      reason: "checksum"),
    Scene(name: "missing where it should be", size: nil, artifact: .missing, signature: .unchecked, reason: "missing"),
    Scene(name: "on another host", isOurs: false, size: nil, artifact: .elsewhere, signature: .unchecked),
    Scene(
      name: "on another host with a wrong copy here", isOurs: false, size: 1, artifact: .wrong, signature: .unchecked,
      reason: "bytes"),
  ]

  private static func releases(_ stable: Manifest?, beta: Manifest? = nil) -> Releases {
    var releases = Releases()
    releases.stable.manifest = stable
    releases.beta.manifest = beta
    return releases
  }

  private static func report(
    _ releases: Releases, isBetaOn: Bool = false, isInconsistent: Bool = false, files: [DownloadShelf.Item] = [],
    ownHost: String? = "github.com", verdict: Bool? = nil
  ) -> UpdateReport {
    UpdateInspection(
      releases: releases, isInconsistent: isInconsistent, isBetaOn: isBetaOn, files: files, ownHost: ownHost,
      canCheckSignatures: true, signatures: { _, _ in verdict }
    ).report()
  }

  @Test("an artifact is", arguments: scenes)
  func artifact(scene: Scene) throws {
    let manifest = try ManifestStage.next("2.0.0.6").signed()
    let files = scene.size.map {
      [DownloadShelf.Item(name: "Nexy.dmg", size: $0, modified: 0, checksum: scene.checksum)]
    }
    let report = Self.report(
      Self.releases(manifest), files: files ?? [], ownHost: scene.isOurs ? "github.com" : "other.host",
      verdict: scene.verdict)
    let channel = try #require(report.channels[.stable])
    #expect(channel.artifact == scene.artifact)
    #expect(channel.signature == scene.signature)
    #expect(report.reasons.count == (scene.reason == nil ? 0 : 1))
    if let reason = scene.reason { #expect(report.reasons.first?.contains(reason) == true) }
  }

  @Test("nothing of a beta is told while it is off")
  func betaOff() throws {
    let (stable, beta) = (try ManifestStage.next("2.0.0.6"), try ManifestStage.next("2.0.0.7", digit: "2"))
    let files = [
      DownloadShelf.Item(name: "Nexy.dmg", size: 276_012_345, modified: 0, checksum: beta.artifact.sha256),
      DownloadShelf.Item(name: "Older.dmg", size: 1, modified: 0, checksum: nil),
    ]
    let releases = Self.releases(stable, beta: beta)
    let off = Self.report(releases, files: files, ownHost: nil)
    #expect(off.channels.keys.sorted { $0.rawValue < $1.rawValue } == [.stable])
    #expect(!off.reasons.joined().contains("2.0.0.7"))
    let on = Self.report(releases, isBetaOn: true, files: files, ownHost: nil)
    #expect(on.channels.count == 2 && on.artifacts.count == 2)
  }

  @Test("a server without a release, and with two that disagree, says so")
  func reasons() throws {
    #expect(Self.report(Releases()).reasons == ["There is no manifest.json: publish a release."])
    let report = Self.report(Self.releases(try ManifestStage.next("2.0.0.6")), isInconsistent: true, ownHost: nil)
    #expect(report.reasons.count == 1 && report.reasons[0].contains("manifest_2.0.0.6.json disagree"))
  }

  /// A file, and whether it is the beta's alone: the stable release is Nexy.dmg with checksum 1…, the beta
  /// Nexy-beta.dmg with 2…, an earlier beta was Nexy.dmg with 4….
  private static let files: [(name: String, size: Int64, digit: String?, isHidden: Bool)] = [
    ("Nexy.dmg", 100, "1", false), ("Nexy-beta.dmg", 200, "2", true), ("renamed.dmg", 200, "2", true),
    ("Nexy-beta.dmg", 7, "3", true), ("Older.dmg", 7, "3", false), ("Nexy.dmg", 400, "4", true),
    ("Nexy.dmg", 7, "3", false), ("Nexy.dmg", 100, nil, false), ("Nexy-beta.dmg", 7, nil, true),
    ("renamed.dmg", 200, nil, true), ("Nexy.dmg", 400, nil, true), ("Older.dmg", 7, nil, false),
  ]

  @Test("a file is the beta's alone by its bytes, else by its name", arguments: files.indices)
  func betaFile(index: Int) throws {
    let (name, size, digit, isHidden) = Self.files[index]
    let file = DownloadShelf.Item(
      name: name, size: size, modified: 0, checksum: digit.map { String(repeating: $0, count: 64) })
    let stable = try Self.release("2.0.0.6", "Nexy.dmg", 100, "1")
    let beta = try Self.release("2.0.0.7", "Nexy-beta.dmg", 200, "2")
    var releases = Self.releases(stable, beta: beta)
    releases.betaFiles = [BetaFile(try Self.release("2.0.0.5", "Nexy.dmg", 400, "4").artifact)]
    #expect(releases.isBetaOnly(file) == isHidden)
    #expect(!Self.releases(stable).isBetaOnly(file))
    #expect(!Self.releases(beta, beta: beta).isBetaOnly(file))
  }

  private static func release(_ version: String, _ name: String, _ size: Int64, _ digit: String) throws -> Manifest {
    var manifest = try ManifestStage.next(version, digit: digit)
    manifest.artifact.url = "https://github.com/download/\(name)"
    manifest.artifact.size = size
    return manifest
  }

  private static let histories: [(events: [(String, String, String)], betas: Set<String>, stable: Set<String>)] = [
    ([("written", "beta", "AB"), ("written", "beta", "CD"), ("written", "stable", "cd")], ["ab", "cd"], ["cd"]),
    ([("announced", "beta", "ab")], ["ab"], []),
    ([("announced", "stable", "ab"), ("withdrawn", "stable", "ab")], [], []),
    ([("written", "stable", "ab"), ("announced", "stable", "ab"), ("withdrawn", "stable", "ab")], [], ["ab"]),
    ([("withdrawn", "stable", "ab"), ("announced", "stable", "ab")], [], ["ab"]),
  ]

  @Test("the history of manifests tells whose a file was, is or is about to be", arguments: histories.indices)
  func history(index: Int) throws {
    let (events, betas, stable) = Self.histories[index]
    let stage = try ManifestStage()
    let lines = events.map { event, channel, sum in
      #"{"event": "\#(event)", "channel": "\#(channel)", "url": "https://github.com/x/Nexy%20b.dmg", "size": 5, "#
        + #""sha256": "\#(sum)"}"#
    }
    try stage.write((["nonsense"] + lines + [""]).joined(separator: "\n"), "manifest_history.jsonl")
    let told = BetaFile.history(at: stage.path("manifest_history.jsonl"))
    #expect(Set(told.betas.map(\.sha256)) == betas)
    #expect(Set(told.stable.map(\.sha256)) == stable)
    #expect(told.betas.union(told.stable).allSatisfy { $0.name == "Nexy b.dmg" })
  }

  @Test("a beta's other files are the beta's as well, and are seen once they are announced for everybody")
  func otherFiles() throws {
    let stable = try Self.release("2.0.0.6", "Nexy.dmg", 100, "1")
    var beta = try Self.release("2.0.0.7", "Nexy-beta.dmg", 200, "2")
    let sum = String(repeating: "3", count: 64)
    beta.members["files"] = [["url": "https://github.com/x/Nexy-7.pkg", "size": 300, "sha256": .string(sum)]]
    let file = DownloadShelf.Item(name: "AppBeta-Nexy.pkg", size: 300, modified: 0, checksum: sum)
    var releases = Self.releases(stable, beta: beta)
    #expect(releases.isBetaOnly(file))
    releases.stableFiles = Set(BetaFile.all(of: beta))
    #expect(!releases.isBetaOnly(file))
  }

  @Test("where there is no history, nothing is told")
  func noHistory() {
    let told = BetaFile.history(at: "/no/such/history")
    #expect(told.betas.isEmpty && told.stable.isEmpty)
  }
}

extension Manifest {
  fileprivate func signed() -> Manifest {
    var manifest = self
    manifest.artifact.signature = ManifestStage.signature
    return manifest
  }
}
