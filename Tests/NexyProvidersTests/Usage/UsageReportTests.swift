import Foundation
import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct UsageReportTests {
  private typealias Line = UsageReport.Line

  private let folder: StoreFolder
  private let store: SQLiteStore

  init() throws {
    folder = try StoreFolder()
    store = folder.store()
  }

  private static func day(_ day: Int) -> Date { Date(timeIntervalSince1970: Double(day) * 86_400) }

  private func record(_ entries: [(day: Int, entry: UsageEntry)]) async throws {
    for (day, entry) in entries {
      try await SQLiteUsageLedger(store: store, now: { Self.day(day) }).record(entry)
    }
  }

  private func entry(_ device: String, _ model: String, _ input: Int, _ output: Int) -> UsageEntry {
    UsageEntry(
      hardwareID: device, sessionID: "s", source: "turn", provider: "gemini", model: model, inputTokens: input,
      outputTokens: output)
  }

  private func speech(_ device: String, _ characters: Int) -> UsageEntry {
    UsageEntry(
      hardwareID: device, sessionID: "s", source: "turn", provider: "azure", model: "Aria", characters: characters,
      audioSeconds: 2)
  }

  /// 1 January 1970 is day 0.
  private func recordThreeDays() async throws {
    try await record([
      (0, entry("a", "flash", 1_000_000, 500_000)), (0, speech("a", 250_000)), (1, entry("b", "flash", 2_000_000, 0)),
      (2, entry("a", "unknown", 10, 20)), (2, entry("", "flash", 1, 1)),
    ])
  }

  private func report(
    _ grouping: UsageGrouping?, from: String? = nil, to: String? = nil, prices: String = "flash=1/2, azure=16"
  ) async throws -> UsageReport {
    try await UsageReport.run(
      path: folder.database, period: UsagePeriod(from: from, to: to), grouping: grouping,
      prices: PriceTable(prices))
  }

  @Test func `the whole is summed up while the server writes`() async throws {
    try await recordThreeDays()
    let total = try await report(nil).total
    #expect(
      total.figures
        == UsageFigures(
          calls: 5, inputTokens: 3_000_011, outputTokens: 500_021, characters: 250_000, audioSeconds: 2))
    #expect(abs((total.cost ?? 0) - 8.000003) < 1e-9)
    #expect(total.callsWithoutPrice == 1)
    #expect(try await report(nil).lines.isEmpty)
  }

  @Test(arguments: [
    (UsageGrouping.device, ["", "a", "b"], [1, 3, 1]), (.model, ["Aria", "flash", "unknown"], [1, 3, 1]),
    (.day, ["1970-01-01", "1970-01-02", "1970-01-03"], [2, 1, 2]),
  ])
  func `lines are put together`(grouping: UsageGrouping, names: [String], calls: [Int]) async throws {
    try await recordThreeDays()
    let report = try await report(grouping)
    #expect(report.lines.map(\.name) == names)
    #expect(report.lines.map(\.figures.calls) == calls)
    #expect(report.total.figures.calls == 5)
  }

  @Test(arguments: [
    (nil, nil, 5), ("1970-01-02", nil, 3), (nil, "1970-01-01", 2), ("1970-01-02", "1970-01-02", 1),
    ("1970-01-04", nil, 0), (nil, "1969-12-31", 0),
  ])
  func `days are whole, both ends included`(from: String?, to: String?, calls: Int) async throws {
    try await recordThreeDays()
    #expect(try await report(nil, from: from, to: to).total.figures.calls == calls)
  }

  @Test func `the last millisecond of a day belongs to it`() async throws {
    try folder.makeFirstRelease()
    #expect(try await report(nil, to: "2026-01-31").total.figures.calls == 1)
    #expect(try await report(nil, from: "2026-02-01").total.figures.calls == 0)
  }

  @Test func `what has no price is named and is not free`() async throws {
    try await recordThreeDays()
    let report = try await report(.model, prices: "azure=16")
    #expect(report.lines.map(\.cost) == [4, nil, nil])
    #expect(report.lines.map(\.callsWithoutPrice) == [0, 3, 1])
    #expect(report.total.cost == 4)
    #expect(report.namesWithoutPrice == ["flash", "unknown"])
  }

  @Test func `a call that took nothing needs no price`() async throws {
    try await record([(0, entry("a", "unknown", 0, 0))])
    let report = try await report(nil)
    #expect(report.total.cost == 0)
    #expect(report.namesWithoutPrice.isEmpty)
  }

  @Test func `the database of the first release can be read as it is`() async throws {
    try folder.makeFirstRelease()
    let report = try await report(.device, prices: "m=1/1")
    #expect(report.lines.map(\.name) == ["old mac"])
    #expect(report.total.figures == UsageFigures(calls: 1, inputTokens: 5, outputTokens: 6))
  }

  @Test func `a database that is missing or none is told`() async throws {
    await #expect { try await report(nil) } throws: { ($0 as? NexyError)?.code == .usageNotRead }
    #expect(!store.exists)
    try String(repeating: "no database ", count: 500).write(
      toFile: folder.database, atomically: true, encoding: .utf8)
    await #expect { try await report(nil) } throws: { ($0 as? NexyError)?.code == .usageNotRead }
  }

  @Test(arguments: [
    "2026-1-31", "2026-13-01", "2026-02-29", "2026-04-31", "2026-00-10", "yesterday", "", "2026-01-31T00:00",
    "-026-01-01", "2026-01-32",
  ])
  func `a day that is none is refused`(day: String) {
    #expect { try UsagePeriod(from: day) } throws: { ($0 as? NexyError)?.code == .badUsagePeriod }
    #expect { try UsagePeriod(to: day) } throws: { ($0 as? NexyError)?.code == .badUsagePeriod }
  }

  @Test func `a leap day is a day, and a period has an order`() throws {
    _ = try UsagePeriod(from: "2028-02-29", to: "2028-02-29")
    #expect(throws: NexyError.self) { try UsagePeriod(from: "2028-03-01", to: "2028-02-29") }
  }
}
