import NexyCore

/// A file that was released to the beta channel at some time: not to be seen while the channel is closed, also when a
/// later beta has taken its place.
struct BetaFile: Sendable, Hashable {
  let name: String
  let size: Int64
  let sha256: String

  init(_ artifact: Manifest.Artifact) {
    name = artifact.decodedFileName
    size = artifact.size
    sha256 = artifact.sha256
  }

  /// The files of a release: its artifact, and what was released beside it.
  static func all(of manifest: Manifest) -> [BetaFile] {
    [BetaFile(manifest.artifact)]
      + (manifest.members["files"]?.array?.compactMap(\.object) ?? []).compactMap(BetaFile.init)
  }

  /// From a line of the history that `ManifestWriter` keeps, or from the artifact of a manifest that is refused; nil for
  /// what is neither.
  private init?(_ members: [String: JSONValue]) {
    guard let url = members["url"]?.string, let size = members["size"]?.integer,
      let sha256 = members["sha256"]?.string?.lowercased()
    else { return nil }
    self.init(Manifest.Artifact(kind: .dmg, url: url, size: Int64(size), sha256: sha256))
  }

  /// The file of a manifest that is refused for other reasons.
  init?(refused bytes: [UInt8]) {
    guard let artifact = try? JSONReader.document(bytes).value.object?["artifact"]?.object else { return nil }
    self.init(artifact)
  }

  /// The newest part of a history that is read.
  private static let historyBytes = 1 << 20

  /// The files that a history tells of, by channel; a release tells of them before they are there. Nothing where there is no history.
  static func history(at path: String) -> (betas: Set<BetaFile>, stable: Set<BetaFile>) {
    guard let bytes = try? tail(of: path) else { return ([], []) }
    let events = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONReader.document(Array($0)).value.object
    }
    func files(of channel: Channel) -> Set<BetaFile> {
      var (written, announced): (Set<BetaFile>, Set<BetaFile>) = ([], [])
      for event in events where event["channel"]?.string == channel.rawValue {
        let files = ([event] + (event["extra_files"]?.array?.compactMap(\.object) ?? [])).compactMap(BetaFile.init)
        switch event["event"]?.string {
        case ManifestHistory.announcement: announced.formUnion(files)
        case ManifestHistory.withdrawal: announced.subtract(files)
        default: written.formUnion(files)
        }
      }
      return written.union(announced)
    }
    return (files(of: .beta), files(of: .stable))
  }

  private static func tail(of path: String) throws -> [UInt8] {
    try LocalFile.with(path) { file in
      let start = max(0, try file.stamp().size - Int64(historyBytes))
      return try [UInt8](unsafeUninitializedCapacity: historyBytes) { buffer, count in
        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: start)
      }
    }
  }
}
