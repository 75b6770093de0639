import Foundation
import GRDB
import NexyCore
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct SQLiteUsageLedgerTests {
  private let folder: StoreFolder
  private let entry = UsageEntry(
    hardwareID: "mac", sessionID: "s", source: "turn", provider: "gemini", model: "m", inputTokens: 12,
    outputTokens: 34, characters: 56, audioSeconds: 7.5)

  init() throws { folder = try StoreFolder() }

  @Test func `an entry is kept, also by the next process`() async throws {
    for _ in 1...2 { try await SQLiteUsageLedger(path: folder.database).record(entry) }
    let rows = try folder.rows("SELECT * FROM usage")
    let row = try #require(rows.first)
    #expect(rows.count == 2)
    #expect(row["hardware_id"] == "mac")
    #expect(row["session_id"] == "s")
    #expect(row["source"] == "turn")
    #expect(row["provider"] == "gemini")
    #expect(row["model"] == "m")
    #expect(row["input_tokens"] == 12)
    #expect(row["output_tokens"] == 34)
    #expect(row["characters"] == 56)
    #expect(row["audio_seconds"] == 7.5)
  }

  @Test func `times are text in UTC`() async throws {
    let ledger = SQLiteUsageLedger(path: folder.database) { Date(timeIntervalSince1970: 1_769_903_999.999) }
    try await ledger.record(entry)
    #expect(try folder.rows("SELECT * FROM usage").first?["recorded_at"] == "2026-01-31 23:59:59.999")
  }

  @Test func `what was noted is on disk after the close`() async throws {
    let ledger = SQLiteUsageLedger(store: folder.store())
    for _ in 1...500 { ledger.note(entry) }
    await ledger.close()
    #expect(try folder.count("usage") == 500)
  }

  @Test func `a hundred writers lose nothing`() async throws {
    let ledger = SQLiteUsageLedger(store: folder.store())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...100 {
        group.addTask {
          var entry = entry
          entry.inputTokens = number
          ledger.note(entry)
          try await ledger.record(entry)
        }
      }
      try await group.waitForAll()
    }
    await ledger.close()
    let rows = try folder.rows("SELECT input_tokens, COUNT(*) AS count FROM usage GROUP BY 1")
    #expect(rows.count == 100)
    #expect(rows.allSatisfy { $0["count"] == 2 })
  }

  @Test(arguments: [Double.nan, .infinity])
  func `a length that is no number spoils nothing`(seconds: Double) async throws {
    var odd = entry
    odd.audioSeconds = seconds
    try await SQLiteUsageLedger(store: folder.store()).record(odd)
    #expect(try folder.rows("SELECT * FROM usage").first?["audio_seconds"] == 0)
  }

  @Test func `what cannot be kept is an error, and the next try may succeed`() async throws {
    let blocker = "\(folder.path)/file"
    try "not a folder".write(toFile: blocker, atomically: true, encoding: .utf8)
    let ledger = SQLiteUsageLedger(path: "\(blocker)/nexy.sqlite")
    let error = await #expect(throws: NexyError.self) { try await ledger.record(entry) }
    #expect(error?.code == .usageNotRecorded)
    #expect(error?.message.contains(folder.path) == false)
    try FileManager.default.removeItem(atPath: blocker)
    try await ledger.record(entry)
  }

  @Test func `notes that cannot be kept are reported`() async throws {
    let blocker = "\(folder.path)/file"
    try "not a folder".write(toFile: blocker, atomically: true, encoding: .utf8)
    let reports = Mutex<[NexyError]>([])
    let store = SQLiteStore(path: "\(blocker)/nexy.sqlite")
    let ledger = SQLiteUsageLedger(store: store, report: { error in reports.withLock { $0.append(error) } })
    for _ in 1...3 { ledger.note(entry) }
    await ledger.close()
    #expect(reports.withLock { $0.map(\.code) } == [.usageNotRecorded])
    #expect(reports.withLock { $0.first?.message.hasPrefix("3 usage entries") } == true)
  }
}
