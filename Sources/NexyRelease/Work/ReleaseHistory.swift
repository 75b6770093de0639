import NexyCore
import NexyUpdates

/// What was released, and what was overruled for it: a line of JSON each, the oldest first.
package struct ReleaseHistory: Sendable {
  /// A release that reached a channel.
  package struct Entry: Sendable, Codable, Equatable {
    package let event: String
    /// ISO 8601, UTC.
    package let time: String
    package let plan: ReleasePlan

    package init(event: String, time: String, plan: ReleasePlan) {
      self.event = event
      self.time = time
      self.plan = plan
    }
  }

  static let released = "released"
  static let undone = "undone"

  let log: LineFile

  package init(stateFolder: String) { log = LineFile(path: "\(stateFolder)/releases.jsonl") }

  /// Every entry that can be read.
  package func entries() throws -> [Entry] { try log.read() }

  /// The releases of a channel, the newest first, each build's latest.
  package func releases(of channel: Channel) throws -> [Entry] { Self.releases(of: channel, in: try entries()) }

  static func releases(of channel: Channel, in entries: [Entry]) -> [Entry] {
    var seen: Set<String> = []
    return entries.reversed().filter {
      $0.event == Self.released && $0.plan.channel == channel.rawValue && seen.insert($0.plan.build).inserted
    }
  }

  /// Records why a version was set that rules had refused.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  package func note(override reason: String, rules: [String], version: String, at milliseconds: Int64) throws {
    try log.append(
      VersionOverride(
        event: "version_override", time: ISO8601.text(milliseconds: milliseconds), version: version, reason: reason,
        rules: rules))
  }

  private struct VersionOverride: Encodable {
    let event: String
    let time: String
    let version: String
    let reason: String
    let rules: [String]
  }

  func append(_ event: String, _ plan: ReleasePlan, at milliseconds: Int64) throws {
    try log.append(Entry(event: event, time: ISO8601.text(milliseconds: milliseconds), plan: plan))
  }
}
