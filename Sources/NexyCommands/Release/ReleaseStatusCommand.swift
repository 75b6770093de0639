import ArgumentParser
import NexyCore
import NexyRelease

/// `nexy release status`: how the channels are, and what does not agree.
struct ReleaseStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How the channels are: manifest, inbox, shelf, feed, and what does not agree.")

  @Flag(help: "Print it as JSON.") var json = false
  @OptionGroup var flags: SettingsFlags

  func run() async throws {
    try await ReleaseFailure.told { try await show() }
  }

  private func show() async throws {
    let assembly = ReleaseAssembly(settings: try flags.load(), isPatient: false) { Terminal.error($0.printable) }
    try await assembly.withRoom { room, _ in
      let status = try await StatusGathering(room).status()
      if json { return try Terminal.json(status) }
      for line in Self.lines(status) { Terminal.print(line.printable) }
    }
  }

  private static func lines(_ status: ReleaseStatus) -> [String] {
    let head = [
      "CHANNEL ", "VERSION ", "SIZE", "SHA-256 ", "SIGNATURE ", "VALIDATION ", "NOTES ", "AGE", "FEED ", "INBOX ",
      "SHELF ",
    ]
    let rows = status.channels.map { row in
      [
        row.channel, row.version ?? "none", row.size.map { "\($0)" } ?? "-",
        row.sha256.map { String($0.prefix(12)) } ?? "-",
        row.signature, row.validation ?? "-", row.notes ? "yes" : "no", row.age.map(age) ?? "-", row.feed ?? "-",
        row.inbox.isEmpty ? "-" : "\(row.inboxVersion ?? "no version"), \(row.inbox.count) files",
        "\(row.shelf.count) files",
      ]
    }
    let table = TextTable(headings: head, rows: rows).lines
    let drift = status.channels.flatMap { row in row.drift.map { "DRIFT: \(row.channel): \($0)" } }
    return ["Target Repo: \(status.store)"] + table + drift + (status.underWay.map { ["UNDER WAY: \($0)"] } ?? [])
  }

  private static func age(_ seconds: Int64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
