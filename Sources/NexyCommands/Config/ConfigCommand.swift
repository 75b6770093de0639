import ArgumentParser

/// `nexy config`: what the settings are and where they come from.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Shows and checks the settings.",
    subcommands: [ConfigShow.self, ConfigCheck.self, ConfigFlags.self])
}
