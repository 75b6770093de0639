import ArgumentParser
import NexyConfig

/// `nexy config flags`: the switches that act while the server runs.
struct ConfigFlags: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flags", abstract: "Lists every feature and kill switch with its value and meaning.",
    discussion: """
      A flag that is changed in config.env or config/nexy.yaml acts within a second, without a restart; SIGHUP makes a \
      server look at once.
      """)

  private struct Row: Encodable {
    let flag: String
    let environment: String
    let kind: String
    let value: Bool
    let `default`: Bool
    let source: String
    let owner: String
    let meaning: String
  }

  @OptionGroup var flags: SettingsFlags
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let settings = try flags.load()
    let sources = Dictionary(settings.resolved.map { ($0.key, $0.source) }) { first, _ in first }
    let rows = FeatureFlag.all.map { flag in
      Row(
        flag: flag.key, environment: flag.environmentName, kind: flag.kind.rawValue, value: settings.flags[flag],
        default: flag.standard, source: sources[flag.key] ?? "default", owner: flag.owner, meaning: flag.meaning)
    }
    if json { return try Terminal.json(rows) }
    let width = rows.map(\.flag.count).max() ?? 0
    for row in rows {
      let name = row.flag + String(repeating: " ", count: width - row.flag.count)
      Terminal.print("\(name)  \(row.value ? "on " : "off")  \(row.kind), \(row.owner): \(row.meaning)")
      Terminal.print(
        "\(String(repeating: " ", count: width))       \(row.environment); default "
          + "\(row.default ? "on" : "off"), now from \(row.source)")
    }
  }
}
