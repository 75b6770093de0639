import ArgumentParser
import NexyCore
import NexyRelease
import NexyUpdates

/// `nexy release publish`: from the inbox to the beta channel.
struct ReleasePublish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publishes what lies in the inbox to the beta channel.",
    discussion: """
      Reads release_inbox/<channel>: Nexy.dmg, Nexy.pkg or both, LATEST_CHANGES.md, and VERSION unless --version is \
      given. Everything is checked before anything moves. --override REASON lets pass what is a doubt and no refusal, and is \
      recorded.

      Exit status: 0 published, 1 refused or failed, 2 wrong usage, 3 somebody else holds the lock.
      """)

  @Option(help: "beta; nothing is published to stable directly.") var channel: Channel
  @Option(help: "What people read, such as 2.0.0.16; the inbox's VERSION by default.") var version: String?
  @Option(help: "What clients compare; the version by default.") var build: String?
  @Option(help: "The oldest macOS that runs it; as the channel has it by default.") var minOS: String?
  @Option(help: "The machines it is for, such as universal2; as the channel has it by default.") var arch: String?
  @Flag(help: "Clients must not put it off.") var critical = false
  @Option(help: "Why a doubt does not count this time.") var override: String?
  @OptionGroup var run: ReleaseRun

  func run() async throws {
    try await ReleaseFailure.told { try PublishPlanning.checkWay(to: channel) }
    let request = PublishRequest(
      channel: channel, version: version, build: build, minimumSystem: minOS, architecture: arch,
      isCritical: critical, overrideReason: override)
    try await run.carryOut(.publish, to: channel, completion: "RELEASE COMPLETE") { room, inspect in
      .carryOut(try await PublishPlanning(room, inspect: inspect).plan(request))
    }
  }
}
