import ArgumentParser

/// `nexy release`: the release day, from the inbox to everybody.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "The release day: publish to beta, validate, promote, and back.",
    discussion: """
      A release goes from release_inbox/beta to the beta channel, is validated there, and goes to everybody byte for byte. \
      One command works at a time; one that was cut short is run again and goes on. docs/releasing.md tells the day.
      """,
    subcommands: [
      ReleasePublish.self, ReleaseValidate.self, ReleasePromote.self, ReleaseRollback.self, ReleaseStatusCommand.self,
      ReleaseUnlock.self,
    ])
}
