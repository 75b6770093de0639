import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("A release is held against the runtime that serves it")
struct ReleaseValidationTests {
  private typealias Stage = ValidationStage
  private static let all = [
    "runtime health", "runtime status", "updates health", "beta feed", "stable feed", "dmg download", "dmg signature",
    "pkg download",
  ]

  @Test("where all is right, every check passes and says what it saw")
  func good() async throws {
    let stage = try Stage()
    let receipt = try await stage.receipt()
    #expect(receipt.checks.map(\.name) == Self.all)
    #expect(receipt.checks.allSatisfy { $0.passed && $0.remedy == nil && !$0.observed.isEmpty })
    #expect(receipt.passed)
    #expect(stage.leftovers.isEmpty)
  }

  @Test("the receipt says what was validated, where, when and by whom")
  func receipt() async throws {
    let stage = try Stage()
    let receipt = try await stage.receipt()
    #expect(receipt.channel == "beta")
    #expect(receipt.version == "2.0.0.16")
    #expect(receipt.build == "2.0.0.16")
    #expect(receipt.files.map(\.role) == [.dmg, .pkg])
    #expect(receipt.files.map(\.sha256) == [sha256(stage.dmg), sha256(stage.pkg)])
    #expect(receipt.artifactURL == Stage.dmgURL)
    #expect(receipt.manifestSHA256 == sha256(stage.manifest.encoded()))
    #expect(receipt.startedAt == "2026-03-05T07:08:09.000Z")
    #expect(receipt.finishedAt == "2026-03-05T07:08:09.000Z")
    #expect(receipt.healthURL == Stage.health)
    #expect(receipt.updatesURL == Stage.updates)
    #expect(receipt.validatedBy == "nexy \(Nexy.version) on mill")
  }

  @Test("where nothing answers, every check fails with a remedy, and none is left out")
  func silence() async throws {
    var stage = try Stage()
    stage.stable = nil
    for url in stage.web.requests + [Stage.dmgURL, Stage.pkgURL] { stage.web.silence(url) }
    for path in ["health", "status"] { stage.web.silence("\(Stage.health)/\(path)") }
    for path in ["health", "appcast.xml", "appcast-beta.xml"] { stage.web.silence("\(Stage.updates)/\(path)") }
    let receipt = try await stage.receipt()
    #expect(receipt.checks.map(\.name) == Self.all)
    #expect(receipt.checks.allSatisfy { !$0.passed && $0.remedy?.isEmpty == false })
    #expect(!receipt.passed)
    #expect(receipt.checks[0].remedy?.contains("nexy serve --runtime staging") == true)
    #expect(receipt.checks[3].remedy?.contains("UPDATE_BETA_ENABLED=true") == true)
    #expect(stage.leftovers.isEmpty)
  }

  private static let healths: [(status: Int, body: String)] = [
    (503, #"{"status":"OK","latest_version":"2.0.0.15"}"#),
    (200, #"{"status":"degraded","latest_version":"2.0.0.15"}"#),
    (200, #"{"status":"OK","latest_version":"2.0.0.15-beta"}"#),
    (200, #"{"status":"OK","latest_version":"1.2.3.4.5"}"#),
    (200, #"{"status":"OK"}"#), (200, "OK"), (200, ""), (404, "not found"),
  ]

  @Test("a runtime that is not well or tells no version of numbers fails alone", arguments: healths)
  func health(status: Int, body: String) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.health)/health", status, body)
    #expect(try await stage.failures() == ["runtime health"])
  }

  @Test("versions of one to four parts are versions", arguments: ["2", "2.0", "2.0.1", "2.0.0.15"])
  func versions(version: String) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.health)/health", 200, #"{"status":"OK","latest_version":"\#(version)"}"#)
    #expect(try await stage.failures().isEmpty)
  }

  @Test("why a runtime is not well stands in the check, without secrets")
  func reasons() async throws {
    let stage = try Stage()
    stage.web.set(
      "\(Stage.health)/health", 200,
      #"{"status":"degraded","latest_version":"2.0.0.15","reasons":["no model: key sk_live_0123456789abcdef"]}"#)
    let observed = try await stage.receipt().checks[0].observed
    #expect(observed.contains("no model"))
    #expect(!observed.contains("0123456789abcdef"))
  }

  @Test("a status that is not 200 fails", arguments: [404, 500, 302])
  func status(code: Int) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.health)/status", code, "")
    #expect(try await stage.failures() == ["runtime status"])
  }

  private static let updates: [(status: Int, body: [UInt8])] = [
    (503, Stage.updatesHealth(status: "unhealthy", reasons: ["Nexy.dmg is missing."])),
    (200, Stage.updatesHealth(status: "unhealthy")), (200, Stage.updatesHealth(isBetaOn: false)),
    (200, Stage.updatesHealth(beta: "2.0.0.14")), (200, Stage.updatesHealth(beta: nil)),
    (200, Stage.updatesHealth(stable: "next")), (200, Array("healthy".utf8)), (404, []),
  ]

  @Test("an update server that is not well, has another beta or none, or hides it, fails", arguments: updates)
  func updatesHealth(status: Int, body: [UInt8]) async throws {
    let stage = try Stage()
    stage.web.set("\(Stage.updates)/health", status, body)
    #expect(try await stage.failures() == ["updates health"])
  }

  @Test("an older update server, which tells of no channels, is judged by what it tells")
  func olderServer() async throws {
    let stage = try Stage()
    stage.web.set(
      "\(Stage.updates)/health", 200, #"{"status":"healthy","latest_version":"2.0.0.15","latest_build":"2.0.0.15"}"#)
    #expect(try await stage.failures().isEmpty)
  }

  @Test("a validation that is stopped throws, and no failed receipt comes of it")
  func cancelled() async throws {
    let stage = try Stage()
    let validation = stage.validation
    let work = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await validation.receipt(in: ValidationStage.surroundings())
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    #expect(stage.web.requests.isEmpty)
  }
}
