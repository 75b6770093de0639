import Foundation
import NexyCore
import NexyRelease
import NexyTestSupport
import NexyUpdates

/// A beta with a disk image and a package, and the servers that have it all right until a test says otherwise.
struct ValidationStage {
  static let health = "https://host:4443"
  static let updates = "https://host:4443/updates"
  static let dmgURL = "https://github.com/o/n/releases/download/UpdateBeta/Nexy-2.0.0.16.dmg"
  static let pkgURL = "https://github.com/o/n/releases/download/AppBeta/Nexy.pkg"

  let key = SparklePrivateKey.generate()
  let dmg = Array("the disk image".utf8)
  let pkg = Array("the package".utf8)
  let web: FakeWeb
  var manifest: Manifest
  var files: [ReleaseFile]
  var stable: Manifest?
  var publicKey: SparklePublicKey?
  let scratch: String

  init(isSigned: Bool = true) throws {
    scratch = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let signature = ArtifactSignature(bytes: try key.signature(of: dmg))?.base64
    manifest = Self.manifest("2.0.0.16", Self.dmgURL, dmg, signature: isSigned ? signature : nil)
    stable = Self.manifest(
      "2.0.0.15", "https://github.com/o/n/releases/download/Update/Nexy.dmg", Array("before".utf8), signature: signature
    )
    publicKey = isSigned ? key.publicKey : nil
    files = [
      ReleaseFile(
        role: .pkg, size: Int64(pkg.count), sha256: sha256(pkg), signature: nil,
        place: .init(tag: "AppBeta", name: "Nexy.pkg", url: Self.pkgURL))
    ]
    web = FakeWeb([
      "\(Self.health)/health": (
        200, Array(#"{"status":"OK","latest_version":"2.0.0.15","latest_build":"2.0.0.15"}"#.utf8)
      ),
      "\(Self.health)/status": (200, Array("{}".utf8)), Self.dmgURL: (200, dmg), Self.pkgURL: (200, pkg),
    ])
    web.set("\(Self.updates)/appcast-beta.xml", 200, Appcast.bytes(for: manifest))
    if let stable { web.set("\(Self.updates)/appcast.xml", 200, Appcast.bytes(for: stable)) }
    web.set("\(Self.updates)/health", 200, Self.updatesHealth())
  }

  static func manifest(_ version: String, _ url: String, _ bytes: [UInt8], signature: String?) -> Manifest {
    let number = ReleaseVersion(version)!
    return Manifest(
      version: number, build: number, releaseDate: 1_772_000_000,
      artifact: .init(
        kind: .dmg, url: url, size: Int64(bytes.count), sha256: sha256(bytes), minimumSystem: ReleaseVersion("12.0"),
        signature: signature))
  }

  static func updatesHealth(
    status: String = "healthy", stable: String? = "2.0.0.15", beta: String? = "2.0.0.16", isBetaOn: Bool = true,
    artifact: String = "elsewhere", signature: String = "unchecked", reasons: [String] = []
  ) -> [UInt8] {
    let version = stable.map { JSONValue.string($0) } ?? .null
    let channel = beta.map {
      JSONValue.object([
        "version": .string($0), "build": .string($0), "artifact": .string(artifact), "signature": .string(signature),
      ])
    }
    return JSONWriter.line([
      "status": .string(status), "latest_version": version, "latest_build": version,
      "beta_updates_enabled": .bool(isBetaOn), "channels": .object(channel.map { ["beta": $0] } ?? [:]),
      "reasons": .array(reasons.map { .string($0) }),
    ])
  }

  /// Where nothing but the time of the wall is asked for.
  static func surroundings(_ now: Int64 = 1_772_694_489_000) -> LeaseSurroundings {
    LeaseSurroundings(host: "mill", process: 1, isRunning: { _ in true }, wallTime: { now }, clock: VirtualClock())
  }

  var validation: ReleaseValidation {
    ReleaseValidation(
      channel: .beta, manifest: manifest, files: files, stable: stable, healthURL: Self.health + "/",
      updatesURL: Self.updates, publicKey: publicKey, web: web, scratch: scratch)
  }

  func receipt() async throws -> ValidationReceipt { try await validation.receipt(in: Self.surroundings()) }

  /// The names of the checks that failed.
  func failures() async throws -> [String] { try await receipt().checks.filter { !$0.passed }.map(\.name) }

  /// What is left in the folder for downloads.
  var leftovers: [String] { (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? [] }
}
