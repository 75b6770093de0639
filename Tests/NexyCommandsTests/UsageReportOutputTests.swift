import NexyCore
import Testing

@testable import NexyCommands
@testable import NexyProviders

@Suite struct UsageReportOutputTests {
  private func report(
    _ grouping: UsageGrouping? = .model, from: String? = nil, to: String? = nil, prices: String = "flash=1/2"
  ) throws -> UsageReport {
    let sums = [
      UsageSum(provider: "azure", model: "", figures: UsageFigures(calls: 1, characters: 9, audioSeconds: 1.26)),
      UsageSum(
        group: "flash", provider: "gemini", model: "flash",
        figures: UsageFigures(calls: 2, inputTokens: 1_000_000, outputTokens: 250_000)),
    ]
    return UsageReport(
      of: sums, period: try UsagePeriod(from: from, to: to), grouping: grouping, prices: try PriceTable(prices))
  }

  @Test func `a table has a line each, the total and what has no price`() throws {
    #expect(
      UsageReportText.lines(of: try report()) == [
        "period  so far",
        "",
        "MODEL   calls  input tokens  output tokens  characters  audio s             cost",
        "-           1             0              0           9      1.3         no price",
        "flash       2       1000000         250000           0      0.0           1.5000",
        "total       3       1000000         250000           9      1.3  1.5000 and more",
        "",
        "No price in USAGE_PRICES: azure",
      ])
  }

  @Test(arguments: [
    (nil, nil, "so far"), ("2026-01-01", nil, "since 2026-01-01"), (nil, "2026-01-02", "until 2026-01-02"),
    ("2026-01-01", "2026-01-02", "from 2026-01-01 to 2026-01-02"),
  ])
  func `the period is named`(from: String?, to: String?, words: String) throws {
    #expect(try UsageReportText.lines(of: report(from: from, to: to)).first == "period  \(words)")
    let none = UsageReport(
      of: [], period: try UsagePeriod(from: from, to: to), grouping: nil, prices: try PriceTable(""))
    #expect(UsageReportText.lines(of: none) == ["No usage was recorded \(words)."])
  }

  @Test func `a client cannot write to the terminal`() throws {
    let sums = [UsageSum(group: "\u{1B}[2J\r\nmac\u{202E}", figures: UsageFigures(calls: 1))]
    let report = UsageReport(of: sums, period: try UsagePeriod(), grouping: .device, prices: try PriceTable(""))
    let text = UsageReportText.lines(of: report).joined()
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202E}" })
  }

  @Test func `the document has every key, and no cost where there is no price`() throws {
    let document = try #require(UsageReportDocument.json(of: report(nil, prices: "")).object)
    #expect(document.keys.sorted() == ["by", "from", "lines", "names_without_price", "to", "total"])
    #expect(document["by"] == .null)
    #expect(document["lines"] == .array([]))
    #expect(document["names_without_price"] == .array(["azure", "flash"]))
    let total = try #require(document["total"]?.object)
    #expect(total["calls"] == 3)
    #expect(total["cost"] == .null)
    #expect(total["calls_without_price"] == 3)
    let lines = try UsageReportDocument.json(of: report()).object?["lines"]
    guard case .array(let members)? = lines else { throw NexyError(.badPrices, "The document has no lines.") }
    #expect(members.map { $0.object?["name"] } == ["", "flash"])
    #expect(members.map { $0.object?["cost"] } == [.null, .number(1.5)])
  }
}
