import Foundation
import Hummingbird
import NexyCore

/// What the update server tells about itself: health and lists.
struct UpdatePages {
  private struct Health: Encodable {
    struct ChannelHealth: Encodable {
      let version: String
      let build: String
      let releaseDate: String
      /// Seconds since the release.
      let feedAge: Int64
      let artifact: String
      let signature: String
      let feedSigned: Bool
    }

    /// `healthy` or `unhealthy`.
    let status: String
    let timestamp: String
    /// The stable release; `version` is an older name of the first.
    let version: JSONValue
    let latestVersion: JSONValue
    let latestBuild: JSONValue
    let serverVersion = Nexy.version
    let artifactsAvailable: Int
    let downloadsDir = "downloads"
    let manifestsDir = "manifests"
    let betaUpdatesEnabled: Bool
    let channels: [String: ChannelHealth]
    /// All that is wrong, and the same in one line.
    let reasons: [String]
    let error: String?
  }

  private struct Versions: Encodable {
    let current: JSONValue
    let latest: JSONValue
    let available: [String]
    let manifests: [String]
  }

  private struct Artifact: Encodable {
    let filename: String
    let size: Int64
    /// Null until it is worked out.
    let sha256: JSONValue
    let type: String
    let url: String
    let created: String
    let modified: String
  }

  let room: UpdateRoom
  let now: @Sendable () -> Date

  /// 503 when a channel cannot be trusted; what was good is served all the same.
  func health() async throws -> Response {
    let report = await room.report()
    let date = now()
    let stable = report.channels[.stable]?.manifest
    let channels = report.channels.map { channel, state in
      let manifest = state.manifest
      return (
        channel.rawValue,
        Health.ChannelHealth(
          version: manifest.version.text, build: manifest.build.text,
          releaseDate: ISO8601.text(seconds: manifest.releaseDate),
          feedAge: max(0, Int64(date.timeIntervalSince1970) - manifest.releaseDate), artifact: state.artifact.rawValue,
          signature: state.signature.rawValue, feedSigned: state.isFeedSigned)
      )
    }
    let body = Health(
      status: report.isHealthy ? "healthy" : "unhealthy",
      timestamp: ISO8601.text(seconds: Int64(date.timeIntervalSince1970)),
      version: .text(stable?.version), latestVersion: .text(stable?.version), latestBuild: .text(stable?.build),
      artifactsAvailable: report.artifacts.count, betaUpdatesEnabled: report.isBetaOn,
      channels: Dictionary(uniqueKeysWithValues: channels), reasons: report.reasons,
      error: report.isHealthy ? nil : report.reasons.joined(separator: " "))
    return try UpdateAnswer.json(
      body, status: report.isHealthy ? .ok : .serviceUnavailable,
      fields: report.isHealthy ? UpdateAnswer.keptBriefly : UpdateAnswer.neverKept)
  }

  func versions() throws -> Response {
    let releases = room.shelf.releases
    let visible = releases.visible(withBeta: room.options.isBetaOn())
    let latest = JSONValue.text(releases.stable.manifest?.version)
    var available: [String] = []
    for manifest in visible where !available.contains(manifest.version.text) { available.append(manifest.version.text) }
    return try UpdateAnswer.json(
      Versions(current: latest, latest: latest, available: available, manifests: names(releases)),
      fields: UpdateAnswer.neverKept)
  }

  func manifests() throws -> Response {
    let visible = room.shelf.releases.visible(withBeta: room.options.isBetaOn())
    return try UpdateAnswer.json(visible.map(\.members), fields: UpdateAnswer.neverKept)
  }

  func artifacts() async throws -> Response {
    let artifacts = await room.report().artifacts.sorted { ($0.modified, $1.name) > ($1.modified, $0.name) }
    return try UpdateAnswer.json(
      artifacts.map { file in
        Artifact(
          filename: file.name, size: file.size, sha256: file.checksum.map(JSONValue.string) ?? .null,
          type: file.name.split(separator: ".").last.map { $0.lowercased() } ?? "", url: room.address(of: file.name),
          created: ISO8601.text(seconds: file.modified), modified: ISO8601.text(seconds: file.modified))
      }, fields: UpdateAnswer.neverKept)
  }

  func index() async throws -> Response {
    let report = await room.report()
    return UpdateAnswer.html(IndexPage(report: report, address: room.address).text)
  }

  private func names(_ releases: Releases) -> [String] {
    let showsBeta = room.options.isBetaOn()
    let channels = Channel.allCases.filter { ($0 == .stable || showsBeta) && releases[$0].manifest != nil }
    let archive = releases.archive.filter { showsBeta || !releases.isBetaOnly($0.value) }.keys
    return channels.map(\.manifestName) + archive.sorted()
  }
}

extension UpdateRoom {
  /// Where clients find a file.
  func address(of name: String) -> String {
    let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    let segment = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name
    return "\(options.publicURL ?? "/updates")/downloads/\(segment)"
  }
}

extension JSONValue {
  /// The text of a version; null where there is none.
  fileprivate static func text(_ version: ReleaseVersion?) -> JSONValue { version.map { .string($0.text) } ?? .null }
}
