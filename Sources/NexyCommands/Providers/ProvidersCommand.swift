import ArgumentParser

/// `nexy providers`: the language models and speech engines that the settings name.
struct ProvidersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "providers", abstract: "Language models and speech engines.", subcommands: [ProvidersTest.self])
}
