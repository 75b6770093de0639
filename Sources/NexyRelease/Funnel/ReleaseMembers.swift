import NexyCore
import NexyUpdates

extension Manifest {
  /// Every file of the release: the feed's artifact first, then what the member `files` tells.
  package var releaseFiles: [ReleaseFile] {
    let role: ReleaseFile.Role = artifact.kind == .pkg ? .pkg : .dmg
    let first = ReleaseFile(
      role: role, size: artifact.size, sha256: artifact.sha256, signature: artifact.signature, url: artifact.url)
    return [first] + (members["files"]?.array ?? []).compactMap { $0.object.flatMap(ReleaseFile.init) }
  }
}

extension ReleaseFile {
  /// An element of a manifest's `files`; nil for what is no such thing.
  init?(_ members: [String: JSONValue]) {
    guard let role = members["role"]?.string.flatMap(Role.init), let size = members["size"]?.integer.map(Int64.init),
      let sha256 = members["sha256"]?.string?.lowercased()
    else { return nil }
    let signature = members["ed25519"]?.string
    self.init(
      role: role, size: size, sha256: sha256, signature: signature?.isEmpty == false ? signature : nil,
      url: members["url"]?.string)
  }

  /// What a manifest's `files` says of it.
  var members: JSONValue {
    [
      "role": .string(role.rawValue), "name": .string(role.fileName), "size": .integer(size), "sha256": .string(sha256),
      "ed25519": .string(signature ?? ""), "url": .string(url ?? ""),
    ]
  }
}
