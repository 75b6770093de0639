import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("A receipt lets exactly what was validated go on, for a while")
struct ReceiptTests {
  private typealias Stage = ValidationStage
  private static let end: Int64 = 1_772_694_489_000
  private static let hour: Int64 = 3_600_000

  private func rule(_ reading: ReceiptReading, _ stage: ValidationStage, now: Int64 = end) -> String? {
    ReceiptRule.refusal(
      reading, channel: .beta, manifest: stage.manifest, files: stage.files, now: now, hours: 24)?.rule
  }

  private static let ages: [(after: Int64, rule: String?)] = [
    (0, nil), (24 * hour, nil), (24 * hour + 1, "receipt-old"), (720 * hour, "receipt-old"), (-300_000, nil),
    (-300_001, "receipt-future"), (-hour, "receipt-future"),
  ]

  @Test("a good one counts from its end on, for its hours", arguments: ages)
  func age(after: Int64, rule: String?) async throws {
    let stage = try Stage()
    #expect(self.rule(.found(try await stage.receipt()), stage, now: Self.end + after) == rule)
  }

  @Test("one that is missing or unreadable is refused with what to do")
  func missing() throws {
    let stage = try Stage()
    #expect(rule(.missing, stage) == "receipt-missing")
    #expect(rule(.unreadable("half of it."), stage) == "receipt-unreadable")
  }

  private static let changes: [@Sendable (inout ValidationReceipt) -> Void] = [
    { $0.channel = "stable" }, { $0.version = "2.0.0.15" }, { $0.build = "2.0.0.15" }, { $0.files.removeLast() },
    { $0.files = $0.files.reversed() }, { $0.files = [] }, { $0.artifactURL += "x" },
    { $0.manifestSHA256 = String(repeating: "0", count: 64) },
    { $0.files[0] = ReleaseFile(role: .dmg, size: $0.files[0].size, sha256: $0.files[1].sha256) },
    { $0.files[0] = ReleaseFile(role: .dmg, size: $0.files[0].size, sha256: $0.files[0].sha256, signature: nil) },
  ]

  @Test("one of another release is refused", arguments: changes.indices)
  func other(index: Int) async throws {
    let stage = try Stage()
    var receipt = try await stage.receipt()
    Self.changes[index](&receipt)
    #expect(rule(.found(receipt), stage) == "receipt-other")
  }

  @Test("one that failed is refused and names the checks and the first remedy; so is one that was made to look good")
  func failed() async throws {
    let stage = try Stage()
    stage.web.set(Stage.pkgURL, 404, "")
    var receipt = try await stage.receipt()
    let finding = ReceiptRule.refusal(
      .found(receipt), channel: .beta, manifest: stage.manifest, files: stage.files, now: Self.end, hours: 24)
    #expect(finding?.rule == "receipt-failed")
    #expect(finding?.message.contains("pkg download") == true)
    #expect(finding?.remedy.contains("Publish the release again") == true)
    receipt.passed = true
    #expect(rule(.found(receipt), stage) == "receipt-failed")
    receipt.checks = []
    #expect(rule(.found(receipt), stage) == "receipt-failed")
  }

  @Test("one without a readable end is refused")
  func noEnd() async throws {
    let stage = try Stage()
    var receipt = try await stage.receipt()
    receipt.finishedAt = "yesterday"
    #expect(rule(.found(receipt), stage) == "receipt-unreadable")
  }

  // MARK: - On disk

  @Test("a kept receipt is read back as it was, and its file is named by channel, version and bytes")
  func kept() async throws {
    let stage = try Stage()
    let folder = ReceiptFolder(state: "\(stage.scratch)/state")
    guard case .missing = folder.reading(of: stage.manifest, on: .beta) else {
      Issue.record("There is a receipt before one was kept.")
      return
    }
    let receipt = try await stage.receipt()
    let path = try await folder.keep(receipt, of: stage.manifest, on: .beta, in: Stage.surroundings())
    #expect(path == "\(stage.scratch)/state/receipts/beta-2.0.0.16-\(sha256(stage.dmg).prefix(12)).json")
    guard case .found(let read) = folder.reading(of: stage.manifest, on: .beta) else {
      Issue.record("The receipt is not found.")
      return
    }
    #expect(read == receipt)
    let members = try JSONReader.document([UInt8](Data(contentsOf: URL(filePath: path)))).value.object
    for name in ["artifact_url", "manifest_sha256", "health_url", "updates_url", "validated_by", "started_at"] {
      #expect(members?[name]?.string?.isEmpty == false, "\(name)")
    }
  }

  @Test("a failed validation takes the place of a good one")
  func replaced() async throws {
    let stage = try Stage()
    let folder = ReceiptFolder(state: stage.scratch)
    _ = try await folder.keep(try await stage.receipt(), of: stage.manifest, on: .beta, in: Stage.surroundings())
    #expect(rule(folder.reading(of: stage.manifest, on: .beta), stage) == nil)
    stage.web.silence(Stage.pkgURL)
    _ = try await folder.keep(try await stage.receipt(), of: stage.manifest, on: .beta, in: Stage.surroundings())
    #expect(rule(folder.reading(of: stage.manifest, on: .beta), stage) == "receipt-failed")
  }

  @Test("a receipt that was cut short is unreadable, not missing", arguments: ["", "{", "{}", "[]"])
  func cutShort(text: String) async throws {
    let stage = try Stage()
    let folder = ReceiptFolder(state: stage.scratch)
    let path = try await folder.keep(
      try await stage.receipt(), of: stage.manifest, on: .beta, in: Stage.surroundings())
    try AtomicFile.write(Array(text.utf8), to: path)
    #expect(rule(folder.reading(of: stage.manifest, on: .beta), stage) == "receipt-unreadable")
  }
}
