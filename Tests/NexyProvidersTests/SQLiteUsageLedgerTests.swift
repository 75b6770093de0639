import Foundation
import GRDB
import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct SQLiteUsageLedgerTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  private let entry = UsageEntry(
    hardwareID: "mac", sessionID: "s", source: "client", model: "m", inputTokens: 12, outputTokens: 34)

  @Test func `an entry is kept, also by the next process`() async throws {
    let path = "\(folder)/deep/nexy.sqlite"
    for _ in 1...2 { try await SQLiteUsageLedger(path: path).record(entry) }
    let database = try DatabaseQueue(path: path)
    let rows = try database.read { db in
      try Row.fetchAll(db, sql: "SELECT hardware_id, input_tokens, output_tokens, source, model FROM usage")
    }
    #expect(rows.count == 2)
    #expect(rows.first?["hardware_id"] == "mac")
    #expect(rows.first?["input_tokens"] == 12)
    #expect(rows.first?["output_tokens"] == 34)
  }

  @Test func `the file is for its owner alone`() async throws {
    let path = "\(folder)/nexy.sqlite"
    try await SQLiteUsageLedger(path: path).record(entry)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `what cannot be kept is an error, and the next try may succeed`() async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let blocker = "\(folder)/file"
    try "not a folder".write(toFile: blocker, atomically: true, encoding: .utf8)
    let ledger = SQLiteUsageLedger(path: "\(blocker)/nexy.sqlite")
    let error = await #expect(throws: NexyError.self) { try await ledger.record(entry) }
    #expect(error?.code == .usageNotRecorded)
    try FileManager.default.removeItem(atPath: blocker)
    try await ledger.record(entry)
  }
}
