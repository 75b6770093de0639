import ArgumentParser
import NexyConfig

/// `nexy config show`: every setting, its value and its source; secrets masked.
struct ConfigShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Lists every setting with its value and where it comes from.")

  private struct Row: Encodable {
    let key: String
    let environment: String
    let value: String
    let source: String
  }

  @OptionGroup var flags: SettingsFlags
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let rows = try flags.load().resolved.map {
      Row(key: $0.key, environment: $0.environmentName, value: $0.value, source: $0.source)
    }
    if json { return try Terminal.json(rows) }
    let width = rows.map(\.key.count).max() ?? 0
    for row in rows {
      let key = row.key + String(repeating: " ", count: width - row.key.count)
      Terminal.print("\(key)  \(row.value.isEmpty ? "-" : row.value)  (\(row.source); \(row.environment))")
    }
  }
}
