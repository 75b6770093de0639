import NexyChecks
import NexyCore

/// The rows of the contract, for people or for programs.
enum ContractListing {
  private struct Row: Encodable {
    let id: String
    let input: String
    let items: String
    let status: String
    let boundMilliseconds: Int64
    let model: String
  }

  static func show(json: Bool) throws {
    let rows = ContractTable.rows.map { row in
      Row(
        id: "contract.\(row.name)", input: row.input, items: row.items, status: row.status,
        boundMilliseconds: row.bound.wholeMilliseconds, model: row.isOffline ? "offline" : "any")
    }
    if json { return try Terminal.json(rows) }
    let table = TextTable(
      headings: ["id ", "input ", "items ", "status ", "ms", "model "],
      rows: rows.map { [$0.id, $0.input, $0.items, $0.status, "\($0.boundMilliseconds)", $0.model] })
    for line in table.lines { Terminal.print(line.printable) }
  }
}
