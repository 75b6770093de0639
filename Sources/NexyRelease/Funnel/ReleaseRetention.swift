import NexyCore
import NexyUpdates

/// Which bytes stay: those of the channels as they are, and of the last releases before.
struct ReleaseRetention: Sendable {
  let checksums: Set<String>
  private let names: Set<String>

  init(_ room: ReleaseRoom) throws {
    let manifests = try Channel.allCases.compactMap(room.standing)
    let past = try Channel.allCases.flatMap {
      try room.history.releases(of: $0).prefix(room.options.keptReleases).map(\.plan)
    }
    let standing = manifests.flatMap { manifest in manifest.releaseFiles.map { ($0, manifest.version.text) } }
    // The newest release tells what was there before, also where nothing else is known.
    let previous = past.compactMap(\.previous).flatMap { previous in previous.files.map { ($0, previous.version) } }
    let files = standing + previous + past.flatMap { plan in plan.items.map { ($0.file, plan.version) } }
    checksums = Set(files.map(\.0.sha256))
    names = Set(files.map { $0.contentName(version: $1) })
  }

  /// Whether a name of a shelf is one of ours that nobody needs any more. What others put there stays.
  func isOld(_ name: String) -> Bool {
    if name.hasPrefix(ReleaseFile.incoming) || name.hasPrefix(ReleaseFile.outgoing) { return true }
    return Self.isContentName(name) && !names.contains(name)
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
