import ArgumentParser

/// `nexy usage`: what calls of models and voices took.
struct UsageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "Tells what language models and voices were used for.",
    subcommands: [UsageReportCommand.self])
}
