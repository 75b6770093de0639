import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("A release goes through the funnel")
struct FunnelTests {
  @Test("from the inbox to beta, and byte for byte to everybody")
  func wholeDay() async throws {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16")
    try await stage.publish()
    #expect(try stage.version(.beta) == "2.0.0.16")
    #expect(try stage.version(.stable) == nil)
    try await stage.promote()
    let (beta, stable) = (try #require(try stage.room.standing(.beta)), try #require(try stage.room.standing(.stable)))
    #expect(stable.isSameRelease(as: beta))
    #expect(stable.releaseFiles.map(\.sha256) == beta.releaseFiles.map(\.sha256))
    #expect(try await stage.disagreement(.beta) == nil)
    #expect(try await stage.disagreement(.stable) == nil)
  }

  @Test("the feed's artifact has a name of its own, and the fixed names hold the same bytes", arguments: [true, false])
  func names(namesContent: Bool) async throws {
    let stage = try FunnelStage(namesContent: namesContent)
    try stage.fill("2.0.0.16")
    try await stage.publish()
    let manifest = try #require(try stage.room.standing(.beta))
    let shelf = try await stage.store.assets(of: "UpdateBeta")
    for name in ["Nexy.dmg"] + (namesContent ? ["Nexy-2.0.0.16-\(manifest.artifact.sha256.prefix(12)).dmg"] : []) {
      let asset = try #require(shelf.first { $0.name == name })
      #expect(try await stage.store.digest(of: asset, progress: { _, _ in }).sha256 == manifest.artifact.sha256)
    }
    #expect(shelf.count == (namesContent ? 3 : 2))
    #expect(manifest.artifact.url.hasSuffix(namesContent ? ".dmg" : "/UpdateBeta-Nexy.dmg"))
  }

  private static let roleSets: [[ReleaseFile.Role]] = [[.dmg], [.pkg], [.dmg, .pkg]]

  @Test("a release may be a DMG, a PKG or both, and is promoted as it was published", arguments: roleSets)
  func roles(roles: [ReleaseFile.Role]) async throws {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16", roles: roles)
    try await stage.publish()
    try await stage.promote()
    let manifest = try #require(try stage.room.standing(.stable))
    #expect(manifest.releaseFiles.map(\.role) == roles + [.notes])
    #expect(manifest.artifact.kind == (roles.contains(.dmg) ? .dmg : .pkg))
  }

  @Test("what stable has already is skipped, by version, size and checksum")
  func skip() async throws {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16")
    try await stage.publish()
    try await stage.promote()
    guard case .skip(let reason) = try await stage.promote() else {
      Issue.record("It was promoted twice.")
      return
    }
    #expect(reason.contains("2.0.0.16"))
  }

  @Test("publishing the same release again changes nothing")
  func again() async throws {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16")
    try await stage.publish()
    let before = FileManager.default.contents(atPath: "\(stage.options.manifests)/manifest_beta.json")
    try await stage.publish()
    #expect(FileManager.default.contents(atPath: "\(stage.options.manifests)/manifest_beta.json") == before)
    #expect(stage.lines.all.contains { $0.hasPrefix("Manifest already synced, skip:") })
    #expect(stage.lines.all.contains { $0.hasPrefix("Already there:") })
  }

  @Test("signature, size and checksum change together")
  func signatures() async throws {
    let stage = try FunnelStage(key: .generate())
    for version in ["2.0.0.16", "2.0.0.17"] {
      try stage.fill(version)
      try await stage.publish()
      let manifest = try #require(try stage.room.standing(.beta))
      let signature = try #require(ArtifactSignature(base64: manifest.artifact.signature ?? ""))
      let key = try #require(stage.key?.publicKey)
      #expect(try signature.isValid(for: "\(stage.options.inbox)/beta/Nexy.dmg", by: key))
    }
  }

  @Test("a channel goes back to a release that it had")
  func rollback() async throws {
    let stage = try FunnelStage()
    for version in ["2.0.0.16", "2.0.0.17"] {
      try stage.fill(version)
      try await stage.publish()
      try await stage.promote()
    }
    try await stage.rollback(.stable, to: "2.0.0.16")
    #expect(try stage.version(.stable) == "2.0.0.16")
    #expect(try stage.version(.beta) == "2.0.0.17")
    #expect(try await stage.disagreement(.stable) == nil)
    #expect(stage.lines.all.contains { $0.contains("clients only move forward") })
    let entry = try #require(try ReleaseHistory(stateFolder: stage.options.stateFolder).releases(of: .stable).first)
    #expect(entry.plan.override?.rules == ["step-rollback"])
  }

  @Test("bytes are kept of as many releases as was said, here and on the shelf")
  func retention() async throws {
    let stage = try FunnelStage(kept: 1)
    for number in 16...19 {
      try stage.fill("2.0.0.\(number)", roles: [.dmg])
      try await stage.publish()
    }
    let names = try await stage.shelf("UpdateBeta").filter { $0.hasPrefix("Nexy-") }
    #expect(names.count == 2, "the one that is served, and the one before that clients may still hold a feed of")
    #expect(names.contains { $0.contains("2.0.0.19") } && names.contains { $0.contains("2.0.0.18") })
    let kept = try FileManager.default.contentsOfDirectory(atPath: "\(stage.options.stateFolder)/kept")
    #expect(kept.count == 3, "two artifacts and the notes that all have")
    await #expect(throws: NexyError.self) { try await stage.rollback(.beta, to: "2.0.0.16") }
  }

  @Test("two at once: one works, the other is told who")
  func lock() async throws {
    let stage = try FunnelStage()
    try stage.fill("2.0.0.16")
    let error = try await FileLease.withLease(at: makingFolder(stage.options.lockPath), owner: "nexy release promote") {
      _ in
      await #expect(throws: NexyError.self) { try await stage.publish() }
    }
    #expect(error?.code == .leaseHeld)
    #expect(error?.message.contains("nexy release promote") == true)
    #expect(try stage.version(.beta) == nil)
  }

  private func makingFolder(_ path: String) throws -> String {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return path
  }
}
