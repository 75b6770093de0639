import NexyCore
import NexyUpdates

/// Which bytes stay: those of the channels as they are, and of the last releases before.
struct ReleaseRetention: Sendable {
  let checksums: Set<String>
  /// Names that stay, and names that this history gave, by tag: nothing else on a shelf is ours to take away.
  private let staying: [String: Set<String>]
  private let known: [String: Set<String>]

  /// - Parameter plan: what is carried out or undone now.
  init(_ room: ReleaseRoom, plan: ReleasePlan) throws {
    let entries = try room.history.entries()
    known = (entries.map(\.plan) + [plan]).reduce(into: [:]) { known, plan in
      for item in plan.items {
        known[item.tag, default: []].formUnion([item.contentName, item.file.incomingName].compactMap(\.self))
      }
    }
    var (checksums, staying): (Set<String>, [String: Set<String>]) = ([], [:])
    for channel in Channel.allCases {
      let past = ReleaseHistory.releases(of: channel, in: entries).prefix(room.options.keptReleases).map(\.plan)
      let names = Set(past.flatMap { $0.items.compactMap(\.contentName) })
      let standing = try room.standing(channel)
      // The newest release tells what was there before, also where nothing else is known.
      let files =
        (standing?.releaseFiles ?? []) + (past.first?.previous?.files ?? []) + past.flatMap { $0.items.map(\.file) }
      checksums.formUnion(files.map(\.sha256))
      let fed = [standing?.artifact.url, past.first?.previous?.address].compactMap { $0.flatMap(Self.contentName) }
      for tag in room.options[channel].tags { staying[tag, default: []].formUnion(names.union(fed)) }
    }
    (self.checksums, self.staying) = (checksums, staying)
  }

  /// Whether a name of a shelf is one that we gave and nobody needs any more. What others put there stays.
  func isOld(_ name: String, of tag: String) -> Bool {
    // What a swap replaced, and could not take away any more.
    if name.hasPrefix(ReleaseFile.outgoing) {
      return ReleaseFile.Role.allCases.contains { name.hasSuffix("-\($0.fileName)") }
    }
    return isKnown(name, of: tag)
  }

  private func isKnown(_ name: String, of tag: String) -> Bool {
    known[tag]?.contains(name) == true && staying[tag]?.contains(name) != true
  }

  /// The content name at the end of an address: the directory store puts the tag before it.
  private static func contentName(_ address: String) -> String? {
    let last = address.split(separator: "/").last.map(String.init) ?? ""
    return last.indices.lazy.map { String(last[$0...]) }.first(where: isContentName)
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
