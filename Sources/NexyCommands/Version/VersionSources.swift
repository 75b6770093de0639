import ArgumentParser
import NexyRelease

/// `nexy version sources`: the table of places.
struct VersionSources: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sources", abstract: "Lists every place that a version stands in, and who changes it.")

  private struct Row: Encodable {
    let axis: VersionAxis
    let place: String
    let kind: String
    let detail: String
    let value: String?
    let changedBy: String
  }

  @OptionGroup var options: VersionOptions

  func run() throws {
    let writer = try options.writer()
    let rows = writer.survey().entries.filter { options.axes.contains($0.place.axis) }.map { entry in
      Row(
        axis: entry.place.axis, place: entry.place.path, kind: entry.place.kind.name, detail: entry.place.detail,
        value: entry.value, changedBy: entry.place.owner)
    }
    _ = VersionReport.unfinished(writer)
    if options.json { return try Terminal.json(rows) }
    let table = TextTable(
      headings: ["axis ", "place ", "kind ", "value ", "changed by "],
      rows: rows.map { row in
        let kind = row.detail.isEmpty ? row.kind : "\(row.kind) \(row.detail)"
        return [row.axis.rawValue, row.place, kind, row.value ?? "absent", row.changedBy].map(\.printable)
      })
    for line in table.lines { Terminal.print(line) }
  }
}
