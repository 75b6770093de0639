import Foundation
import NexyCore

/// A channel as it is served now, and what is wrong with its files.
package struct ChannelRelease: Sendable {
  /// The last good manifest; nil where there never was one.
  package internal(set) var manifest: Manifest?
  /// Why the file that stands there now is not the one that is served.
  package internal(set) var problem: String?
  /// Why the feed that the publisher signed is not the one that is served.
  package internal(set) var feedProblem: String?
  /// Whether the feed that is served carries the publisher's signature.
  package internal(set) var isFeedSigned = false
  var feed: ServedFeed?
  /// The artifact of a manifest that is refused.
  var refusedFile: BetaFile?
  /// What stood there when it was looked at last.
  var stamps: [FileStamp?] = []
}

/// What the folder of manifests holds: one release a channel, and those of all times.
package struct Releases: Sendable {
  package internal(set) var stable = ChannelRelease()
  package internal(set) var beta = ChannelRelease()
  /// Files of earlier betas.
  var betaFiles: Set<BetaFile> = []
  /// Files of stable releases of all times, and of one that is under way.
  var stableFiles: Set<BetaFile> = []
  /// Manifests of single versions, by their files' names.
  package internal(set) var archive: [String: Manifest] = [:]

  package subscript(channel: Channel) -> ChannelRelease {
    get {
      switch channel {
      case .stable: stable
      case .beta: beta
      }
    }
    set {
      switch channel {
      case .stable: stable = newValue
      case .beta: beta = newValue
      }
    }
  }

  /// Whether the file of the stable version says what the stable channel says; true where there is none.
  var isPairConsistent: Bool {
    guard let manifest = stable.manifest, let other = archive["manifest_\(manifest.version).json"] else { return true }
    return other.version == manifest.version && other.build == manifest.build
      && other.artifact.url == manifest.artifact.url && other.artifact.size == manifest.artifact.size
      && other.artifact.sha256 == manifest.artifact.sha256
  }
}

extension Releases {
  /// The release is seen only while the beta channel is on: it is or was a beta and was never released to everybody, or
  /// it is newer than what everybody has.
  func isBetaOnly(_ manifest: Manifest) -> Bool {
    if let stable = stable.manifest, manifest.isSameRelease(as: stable) { return false }
    if let beta = beta.manifest, manifest.isSameRelease(as: beta) { return true }
    if let stable = stable.manifest, manifest.build > stable.build { return true }
    return betaFiles.contains { $0.sha256 == manifest.artifact.sha256 }
  }

  /// Manifests that may be seen, the newest first, each release once.
  func visible(withBeta showsBeta: Bool) -> [Manifest] {
    var manifests: [Manifest] = []
    let channels = [stable.manifest, showsBeta ? beta.manifest : nil].compactMap(\.self)
    for manifest in channels + archive.values.filter({ showsBeta || !isBetaOnly($0) })
    where !manifests.contains(where: { $0.isSameRelease(as: manifest) }) {
      manifests.append(manifest)
    }
    return manifests.sorted { ($0.build, $0.version) > ($1.build, $1.version) }
  }

  /// Whether a file belongs to the beta channel alone.
  func isBetaOnly(_ file: DownloadShelf.Item) -> Bool { BetaFiles(self).contain(file) }
}

extension Manifest {
  /// Whether version, build and bytes are the same.
  package func isSameRelease(as other: Manifest) -> Bool {
    version == other.version && build == other.build && artifact.sha256 == other.artifact.sha256
  }
}

extension Manifest.Artifact {
  /// The file's name as a disk has it.
  var decodedFileName: String { fileName.removingPercentEncoding ?? fileName }
}
