import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("Clients download exactly what was published")
struct ReleaseValidationDownloadTests {
  private typealias Stage = ValidationStage

  @Test("other bytes of the same size fail by checksum and by signature")
  func otherBytes() async throws {
    let stage = try Stage()
    stage.web.set(Stage.dmgURL, 200, Array(stage.dmg.reversed()))
    #expect(try await stage.failures() == ["dmg download", "dmg signature"])
    #expect(stage.leftovers.isEmpty)
  }

  @Test("too few and too many bytes fail", arguments: ["the disk", "the disk image and more"])
  func size(text: String) async throws {
    let stage = try Stage()
    stage.web.set(Stage.dmgURL, 200, text)
    #expect(try await stage.failures() == ["dmg download", "dmg signature"])
    #expect(stage.leftovers.isEmpty)
  }

  @Test("a download that is not there fails, and so does its signature", arguments: [404, 206, 500])
  func missing(status: Int) async throws {
    let stage = try Stage()
    stage.web.set(Stage.dmgURL, status, "")
    #expect(try await stage.failures() == ["dmg download", "dmg signature"])
  }

  @Test("the bytes are right and another key signed them")
  func otherKey() async throws {
    var stage = try Stage()
    stage.publicKey = SparklePrivateKey.generate().publicKey
    #expect(try await stage.failures() == ["dmg signature"])
  }

  @Test("without a public key nothing is written, and no signature is claimed to be right")
  func noKey() async throws {
    var stage = try Stage()
    stage.publicKey = nil
    let receipt = try await stage.receipt()
    #expect(receipt.passed)
    #expect(!receipt.checks.contains { $0.name.hasSuffix("signature") })
  }

  @Test("what is downloaded is what the feed names")
  func feedDecides() async throws {
    let stage = try Stage()
    let elsewhere = "https://github.com/o/n/releases/download/UpdateBeta/Other.dmg"
    var other = stage.manifest
    other.artifact.url = elsewhere
    stage.web.set("\(Stage.updates)/appcast-beta.xml", 200, Appcast.bytes(for: other))
    _ = try await stage.receipt()
    #expect(stage.web.requests.contains(elsewhere))
    #expect(!stage.web.requests.contains(Stage.dmgURL))
  }

  @Test("a package that is not there or is another one fails", arguments: [(404, "the package"), (200, "another")])
  func package(status: Int, body: String) async throws {
    let stage = try Stage()
    stage.web.set(Stage.pkgURL, status, body)
    #expect(try await stage.failures() == ["pkg download"])
  }

  @Test("a package without an address fails")
  func noAddress() async throws {
    var stage = try Stage()
    stage.files[0].place = nil
    #expect(try await stage.failures() == ["pkg download"])
  }

  @Test("a package's signature is checked where it has one")
  func packageSignature() async throws {
    var stage = try Stage()
    let file = stage.files[0]
    let signature = ArtifactSignature(bytes: try stage.key.signature(of: stage.dmg))?.base64
    stage.files = [
      ReleaseFile(role: .pkg, size: file.size, sha256: file.sha256, signature: signature, place: file.place)
    ]
    #expect(try await stage.failures() == ["pkg signature"])
  }
}
