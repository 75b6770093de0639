import ArgumentParser
import Foundation
import NexyCore
import NexyUpdates

/// `nexy updates simulate`: what a client would be offered.
struct UpdatesSimulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Tells which update a client is offered by a feed, and why not the others.",
    discussion: """
      A client with Sparkle and the released client read a feed differently: both are told.

      Exit status: 0 told, 1 the feed cannot be read, 2 wrong usage.
      """)

  @Option(help: "The feed; - is standard input.") var feed: String
  @Option(help: "What the client runs: its CFBundleVersion, such as 2.0.0.15.") var build: String
  @Option(name: .customLong("os"), help: "Its macOS, such as 14.5.") var system: String
  @Option(help: "arm64 or x86_64.") var arch: FeedClient.Architecture = .arm64
  @Option(help: "A channel that it reads beside the default one; may be given again.") var channel: [String] = []
  @Option(help: "Its group of a phased rollout, 0 to 6.") var group = 0
  @Option(help: "When it looks, such as 2026-02-25T12:00:00Z; now by default.") var at: String?
  @Flag(help: "A person asked for updates: no rollout is waited for.") var manual = false
  @Flag(help: "Print one JSON object instead of sentences.") var json = false

  func validate() throws {
    guard (0...6).contains(group) else { throw ValidationError("--group is \(group); Sparkle has groups 0 to 6.") }
    guard ReleaseVersion(system) != nil else {
      throw ValidationError("--os is \(system); give a version such as 14.5.")
    }
    guard !build.isEmpty else { throw ValidationError("--build is empty; give the client's CFBundleVersion.") }
    _ = try time()
  }

  func run() throws {
    let verdict = FeedSimulation.verdict(
      of: try FeedReader().feed(from: UpdateInput.bytes(feed)),
      for: FeedClient(
        build: build, systemVersion: system, architecture: arch, channels: Set(channel), group: group, time: try time(),
        isManualCheck: manual))
    if json { return try Terminal.json(VerdictDocument(verdict)) }
    for line in verdict.lines { Terminal.print(line.printable) }
  }

  private func time() throws -> Int64 {
    guard let at else { return Int64(Date().timeIntervalSince1970) }
    guard let time = ISO8601.seconds(of: at) else {
      throw ValidationError("--at is \(at); give a time such as 2026-02-25T12:00:00Z.")
    }
    return time
  }
}

extension FeedClient.Architecture: ExpressibleByArgument {}

/// A verdict as JSON.
private struct VerdictDocument: Encodable {
  struct Offer: Encodable {
    let item: Int
    let version: String
    let shortVersion: String
    let url: String?
    let delta: String?
    let critical: Bool
    let informational: Bool
    let majorUpgrade: Bool
  }

  struct Refusal: Encodable {
    let item: Int
    let version: String?
    let reason: String
    let readyAt: String?
  }

  struct Released: Encodable {
    let outcome: String
    let build: String?
    let url: String?
    let reasons: [String]
  }

  let offer: Offer?
  let refusals: [Refusal]
  let releasedClient: Released

  init(_ verdict: FeedVerdict) {
    offer = verdict.offer.map {
      Offer(
        item: $0.item, version: $0.version, shortVersion: $0.displayVersion, url: $0.address, delta: $0.delta,
        critical: $0.isCritical, informational: $0.isInformational, majorUpgrade: $0.isMajorUpgrade)
    }
    refusals = verdict.refusals.map {
      Refusal(
        item: $0.item, version: $0.version, reason: $0.reason,
        readyAt: $0.readyAt.map { ISO8601.text(seconds: $0) })
    }
    let released = verdict.released
    releasedClient = Released(
      outcome: released.outcome.rawValue, build: released.build, url: released.address, reasons: released.lines)
  }
}
