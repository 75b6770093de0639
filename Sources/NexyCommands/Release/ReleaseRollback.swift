import ArgumentParser
import NexyRelease
import NexyUpdates

/// `nexy release rollback`: a channel gets a release back that it had.
struct ReleaseRollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Gives a channel a release back that it had.",
    discussion: """
      The bytes come from those that are kept (RELEASE_KEPT releases of each channel); no tag is made. Clients only move \
      forward: who has the newer build keeps it, and who has not yet gets the older one. --rebuild-as BUILD offers the old \
      bytes under a higher build, if they really carry it.

      Exit status: 0 rolled back or skipped, 1 refused or failed, 2 wrong usage, 3 somebody else holds the lock.
      """)

  @Option(help: "stable or beta.") var channel: Channel
  @Option(help: "The version to go back to.") var to: String
  @Option(help: "A higher build that the old bytes carry.") var rebuildAs: String?
  @OptionGroup var run: ReleaseRun

  func run() async throws {
    try await run.carryOut(.rollback, to: channel, completion: "ROLLBACK COMPLETE", skipped: "ROLLBACK SKIPPED") {
      room, inspect in
      try await RollbackPlanning(room, inspect: inspect).decide(channel, to: to, rebuild: rebuildAs)
    }
  }
}
