import Crypto
import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("A release is checked before it is published")
struct ReleaseVerificationTests {
  private static let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  @Test("a file, its manifest and its signature agree")
  func agrees() async throws {
    let release = try await Release()
    #expect(try await release.findings() == [])
  }

  private static let attacks: [(name: String, attack: @Sendable (inout Release) throws -> Void, rules: [String])] = [
    ("one byte flipped", { try $0.rewrite { $0[2500] ^= 1 } }, ["artifact-sha256", "artifact-signature"]),
    ("one byte more", { try $0.rewrite { $0.append(0) } }, ["artifact-size", "artifact-sha256", "artifact-signature"]),
    (
      "another file", { try $0.rewrite { $0 = [1, 2, 3] } }, ["artifact-size", "artifact-sha256", "artifact-signature"]
    ),
    (
      "another file, and the manifest follows",
      { release in
        try release.rewrite { $0[0] ^= 1 }
        release.manifest.artifact.sha256 = try release.sha256()
      }, ["artifact-signature"]
    ),
    ("the size in the manifest", { $0.manifest.artifact.size -= 1 }, ["artifact-size"]),
    (
      "the checksum in the manifest", { $0.manifest.artifact.sha256 = String(repeating: "0", count: 64) },
      ["artifact-sha256"]
    ),
    ("a signature of another key", { $0.key = SparklePrivateKey.generate().publicKey }, ["artifact-signature"]),
    (
      "a signature of another file", { $0.manifest.artifact.signature = try $0.signature(of: [9]) },
      ["artifact-signature"]
    ),
    ("the signature taken away", { $0.manifest.artifact.signature = nil }, ["artifact-unsigned"]),
    ("a pkg for a dmg", { try $0.move(to: "Nexy.pkg") }, ["artifact-type"]),
    ("another name", { try $0.move(to: "Other.dmg") }, ["artifact-name"]),
    ("no file", { try FileManager.default.removeItem(atPath: $0.path) }, ["artifact-file"]),
  ]

  @Test("each attack has its finding", arguments: 0..<attacks.count)
  func attack(index: Int) async throws {
    let attack = Self.attacks[index]
    var release = try await Release()
    try attack.attack(&release)
    #expect(try await release.findings().map(\.rule) == attack.rules, "\(attack.name)")
  }

  @Test("without a key an unsigned artifact is told and not refused")
  func unsigned() async throws {
    var release = try await Release()
    release.manifest.artifact.signature = nil
    let findings = try await ReleaseVerification.verify(
      artifactPath: release.path, manifest: release.manifest, publicKey: nil)
    #expect(findings.map(\.effect) == [.ignored])
  }

  /// An artifact with its signed manifest.
  struct Release: Sendable {
    let stage: ManifestStage
    var manifest: Manifest
    var key: SparklePublicKey
    var path: String
    private let privateKey = SparklePrivateKey.generate()

    init() async throws {
      stage = try ManifestStage()
      path = stage.path("Nexy.dmg")
      try AtomicFile.write(ReleaseVerificationTests.bytes, to: path)
      let digest = try await FileDigest.of(path)
      manifest = try ManifestStage.manifest([
        "artifact.size": .integer(digest.size), "artifact.sha256": .string(digest.sha256),
        "artifact.ed25519": .string(try ArtifactSignature.signing(path, with: privateKey).base64),
      ])
      key = privateKey.publicKey
    }

    func findings() async throws -> [Finding] {
      try await ReleaseVerification.verify(artifactPath: path, manifest: manifest, publicKey: key)
    }

    func rewrite(_ change: (inout [UInt8]) -> Void) throws {
      var bytes = ReleaseVerificationTests.bytes
      change(&bytes)
      try AtomicFile.write(bytes, to: path)
    }

    func sha256() throws -> String {
      let bytes = try #require(FileManager.default.contents(atPath: path))
      return SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func signature(of bytes: [UInt8]) throws -> String {
      Data(try privateKey.signature(of: bytes)).base64EncodedString()
    }

    mutating func move(to name: String) throws {
      try FileManager.default.moveItem(atPath: path, toPath: stage.path(name))
      path = stage.path(name)
    }
  }
}
