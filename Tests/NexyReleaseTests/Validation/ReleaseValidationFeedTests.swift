import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("The feeds offer exactly what was published")
struct ReleaseValidationFeedTests {
  private typealias Stage = ValidationStage

  private static let changes: [(what: String, change: @Sendable (inout Manifest) -> Void)] = [
    ("version", { $0.version = ReleaseVersion("2.0.0.17")! }), ("build", { $0.build = ReleaseVersion("2.0.0.17")! }),
    ("address", { $0.artifact.url = Stage.pkgURL.replacing("Nexy.pkg", with: "Nexy.dmg") }),
    ("length", { $0.artifact.size += 1 }), ("signature", { $0.artifact.signature = nil }),
  ]

  @Test("a beta feed of anything else fails, and says what differs", arguments: changes)
  func differs(what: String, change: @Sendable (inout Manifest) -> Void) async throws {
    let stage = try Stage()
    var other = stage.manifest
    change(&other)
    stage.web.set("\(Stage.updates)/appcast-beta.xml", 200, Appcast.bytes(for: other))
    let check = try #require(try await stage.receipt().checks.first { $0.name == "beta feed" })
    #expect(!check.passed)
    #expect(check.observed.contains(what) || check.observed.contains("edSignature"))
    #expect(check.remedy != nil)
  }

  @Test(
    "a beta feed that cannot be had or read fails",
    arguments: [(404, "Beta channel is disabled"), (500, "Error"), (200, "<rss>"), (200, ""), (200, "{}")])
  func unreadable(status: Int, body: String) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.updates)/appcast-beta.xml", status, body)
    #expect(try await stage.failures() == ["beta feed"])
  }

  @Test("a feed that is not there is told with the server's words and the setting that opens it")
  func closed() async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.updates)/appcast-beta.xml", 404, "Beta channel is disabled\n")
    let check = try await stage.receipt().checks[3]
    #expect(check.observed == "404: Beta channel is disabled")
    #expect(check.remedy?.contains("UPDATE_BETA_ENABLED=true") == true)
  }

  @Test("an unsigned release passes where releases are not signed, and the check says so")
  func unsigned() async throws {
    let stage = try Stage(isSigned: false)
    let receipt = try await stage.receipt()
    #expect(receipt.passed)
    #expect(receipt.checks[3].observed.contains("unsigned"))
    #expect(!receipt.checks.contains { $0.name == "dmg signature" })
  }

  @Test("an unsigned release fails where releases are signed")
  func unsignedWithKey() async throws {
    var stage = try Stage(isSigned: false)
    stage.publicKey = stage.key.publicKey
    #expect(try await stage.failures() == ["beta feed", "dmg signature"])
  }

  @Test("a stable feed that shows the beta fails")
  func leaked() async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.updates)/appcast.xml", 200, Appcast.bytes(for: stage.manifest))
    #expect(try await stage.failures() == ["stable feed"])
  }

  @Test("a release that is stable already may stand in the stable feed, and the check says so")
  func promoted() async throws {
    var stage = try Stage()
    stage.stable = stage.manifest
    stage.web.set("\(Stage.updates)/appcast.xml", 200, Appcast.bytes(for: stage.manifest))
    let receipt = try await stage.receipt()
    #expect(receipt.passed)
    #expect(receipt.checks[4].observed.contains("which is stable already"))
  }

  @Test("before the first stable release no stable feed is right, and the check says so", arguments: [404, 500, 503])
  func firstRelease(status: Int) async throws {
    var stage = try Stage()
    stage.stable = nil
    stage.web.set("\(Stage.updates)/appcast.xml", status, "Error generating AppCast XML")
    stage.web.set(
      "\(Stage.updates)/health", 503,
      Stage.updatesHealth(status: "unhealthy", stable: nil, reasons: ["There is no manifest.json: publish a release."]))
    let receipt = try await stage.receipt()
    #expect(receipt.passed)
    #expect(receipt.checks[2].observed.contains("nothing is released to stable yet"))
    #expect(receipt.checks[4].observed.contains("nothing is released to stable yet"))
  }

  private static let faults: [[UInt8]] = [
    Stage.updatesHealth(status: "unhealthy", stable: nil, artifact: "wrong", reasons: ["x"]),
    Stage.updatesHealth(status: "unhealthy", stable: nil, signature: "invalid", reasons: ["x"]),
    Stage.updatesHealth(status: "unhealthy", stable: nil, reasons: ["no release", "and something else"]),
    Stage.updatesHealth(status: "unhealthy", stable: nil, beta: "2.0.0.14", reasons: ["x"]),
  ]

  @Test("before the first stable release what is wrong with the beta still fails", arguments: faults)
  func firstReleaseWrong(body: [UInt8]) async throws {
    var stage = try Stage()
    stage.stable = nil
    stage.web.set("\(Stage.updates)/appcast.xml", 500, "")
    stage.web.set("\(Stage.updates)/health", 503, body)
    #expect(try await stage.failures() == ["updates health"])
  }

  @Test("with a stable release, a stable feed that is not served fails", arguments: [404, 500, 503])
  func stableGone(status: Int) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.updates)/appcast.xml", status, "Error")
    #expect(try await stage.failures() == ["stable feed"])
  }
}
