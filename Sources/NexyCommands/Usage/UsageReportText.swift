import Foundation
import NexyProviders

/// The sums as a person reads them.
enum UsageReportText {
  static func lines(of report: UsageReport) -> [String] {
    guard report.total.figures.calls > 0 else { return ["No usage was recorded \(period(report.period))."] }
    var table = TextTable(headings: [
      "\(report.grouping?.rawValue.uppercased() ?? "USAGE") ", "calls", "input tokens", "output tokens", "characters",
      "audio s", "cost",
    ])
    table.rows = report.lines.map { row($0, name: $0.name.isEmpty ? "-" : $0.name.printable) }
    table.rows.append(row(report.total, name: "total"))
    var lines = ["period  \(period(report.period))", ""] + table.lines
    if !report.namesWithoutPrice.isEmpty {
      let names = report.namesWithoutPrice.map { $0.isEmpty ? "-" : $0.printable }.joined(separator: ", ")
      lines += ["", "No price in USAGE_PRICES: \(names)"]
    }
    return lines
  }

  private static func row(_ line: UsageReport.Line, name: String) -> [String] {
    let figures = line.figures
    return [
      name, "\(figures.calls)", "\(figures.inputTokens)", "\(figures.outputTokens)", "\(figures.characters)",
      decimal(figures.audioSeconds, 1), cost(line),
    ]
  }

  private static func cost(_ line: UsageReport.Line) -> String {
    guard let cost = line.cost else { return "no price" }
    return decimal(cost, 4) + (line.callsWithoutPrice > 0 ? " and more" : "")
  }

  private static func period(_ period: UsagePeriod) -> String {
    switch (period.from, period.to) {
    case (let from?, let to?): "from \(from) to \(to)"
    case (let from?, nil): "since \(from)"
    case (nil, let to?): "until \(to)"
    case (nil, nil): "so far"
    }
  }

  private static func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
