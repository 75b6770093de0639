import ArgumentParser

/// `nexy logs`: what the server's log says.
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Reads the server's logs.", subcommands: [LogsStats.self])
}
