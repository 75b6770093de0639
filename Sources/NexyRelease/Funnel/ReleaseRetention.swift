import NexyCore
import NexyUpdates

/// Which bytes stay: those of the channels as they are, and of the last releases before.
struct ReleaseRetention: Sendable {
  let checksums: Set<String>
  /// The names that stay on a channel's shelves.
  private let names: [Channel: Set<String>]
  private let channels: [String: Channel]

  init(_ room: ReleaseRoom) throws {
    var (checksums, names, channels): (Set<String>, [Channel: Set<String>], [String: Channel]) = ([], [:], [:])
    for channel in Channel.allCases {
      for tag in room.options[channel].tags { channels[tag] = channel }
      let files = try Self.files(of: channel, room)
      checksums.formUnion(files.map(\.file.sha256))
      names[channel] = Set(files.map { $0.file.contentName(version: $0.version) })
    }
    (self.checksums, self.names, self.channels) = (checksums, names, channels)
  }

  private static func files(of channel: Channel, _ room: ReleaseRoom) throws -> [(file: ReleaseFile, version: String)] {
    let past = try room.history.releases(of: channel).prefix(room.options.keptReleases).map(\.plan)
    let standing = try room.standing(channel).map { manifest in
      manifest.releaseFiles.map { (file: $0, version: manifest.version.text) }
    }
    // The newest release tells what was there before, also where nothing else is known.
    let previous = past.first?.previous.map { previous in previous.files.map { (file: $0, version: previous.version) } }
    return (standing ?? []) + (previous ?? [])
      + past.flatMap { plan in plan.items.map { (file: $0.file, version: plan.version) } }
  }

  /// Whether a name of a shelf is one of ours that nobody needs any more. What others put there stays.
  func isOld(_ name: String, of tag: String) -> Bool {
    if name.hasPrefix(ReleaseFile.incoming) || name.hasPrefix(ReleaseFile.outgoing) { return true }
    guard Self.isContentName(name), let channel = channels[tag] else { return false }
    return names[channel]?.contains(name) != true
  }

  /// `Nexy-2.0.0.16-0123456789ab.dmg`
  static func isContentName(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    let parts = name[..<dot].split(separator: "-", omittingEmptySubsequences: false)
    let fixed = "\(parts[0])\(name[dot...])"
    return parts.count == 3 && ReleaseFile.Role.allCases.contains { $0.fileName == fixed }
      && parts[2].count == 12 && parts[2].allSatisfy(\.isHexDigit)
      && parts[1].allSatisfy { $0.isNumber || $0 == "." }
  }
}
