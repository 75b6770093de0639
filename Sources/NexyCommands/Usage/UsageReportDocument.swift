import NexyCore
import NexyProviders

/// The sums as a program reads them: one object whose keys are always there; a cost is null where nothing has a price.
enum UsageReportDocument {
  static func json(of report: UsageReport) -> JSONValue {
    [
      "from": text(report.period.from),
      "to": text(report.period.to),
      "by": text(report.grouping?.rawValue),
      "lines": .array(report.lines.map { line in .object(members(line).merging(["name": .string(line.name)]) { $1 }) }),
      "total": .object(members(report.total)),
      "names_without_price": .array(report.namesWithoutPrice.map(JSONValue.string)),
    ]
  }

  private static func members(_ line: UsageReport.Line) -> [String: JSONValue] {
    let figures = line.figures
    return [
      "calls": integer(figures.calls), "input_tokens": integer(figures.inputTokens),
      "output_tokens": integer(figures.outputTokens), "characters": integer(figures.characters),
      "audio_seconds": .number(figures.audioSeconds), "cost": line.cost.map(JSONValue.number) ?? .null,
      "calls_without_price": integer(line.callsWithoutPrice),
    ]
  }

  private static func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
  private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
