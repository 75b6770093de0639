import ArgumentParser
import NexyRelease
import NexyUpdates

/// `nexy release promote`: from the beta channel to everybody.
struct ReleasePromote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Gives everybody what the beta channel has, byte for byte.",
    discussion: """
      Needs a validation of exactly these bytes that is not older than RELEASE_RECEIPT_HOURS; --override REASON does \
      without, and is recorded. What stable has already is skipped.

      Exit status: 0 promoted or skipped, 1 refused or failed, 2 wrong usage, 3 somebody else holds the lock.
      """)

  @Option(help: "beta.") var source: Channel
  @Option(help: "stable.") var target: Channel
  @Option(help: "Why a doubt does not count this time.") var override: String?
  @OptionGroup var run: ReleaseRun

  func run() async throws {
    try await run.carryOut(.promote, to: target, completion: "PROMOTE COMPLETE", skipped: "PROMOTE SKIPPED") {
      room, _ in
      try await PromotePlanning(room).decide(from: source, to: target, overrideReason: override)
    }
  }
}
