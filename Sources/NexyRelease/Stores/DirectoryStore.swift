import Foundation
import NexyCore
import NexyUpdates

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Shelves in one folder that an update server serves: `name` of `tag` is the file `<tag>-<name>`.
package struct DirectoryStore: ReleaseStore {
  let folder: DirectoryShelves

  /// - Parameters:
  ///   - folder: Where the files are; it is made by the first upload.
  ///   - updatesURLs: By tag, where the update server that serves the tag's files is reached, such as
  ///     `http://localhost:8081`. There are no other tags.
  package init(folder: String, updatesURLs: [String: String]) {
    self.folder = DirectoryShelves(path: folder, updatesURLs: updatesURLs)
  }

  package var name: String { "directory \(folder.path)" }

  package func problems(tags: [String]) async throws -> [Finding] { folder.problems(tags: tags) }

  package func assets(of tag: String) async throws -> [StoreAsset] { try folder.assets(of: tag) }

  package func address(tag: String, name: String) -> String { folder.address(tag: tag, name: name) }

  package func upload(
    _ path: String, digest: FileDigest, as name: String, to tag: String, progress: @escaping TransferProgress
  ) async throws -> StoreAsset {
    let target = try folder.path(tag: tag, name: name)
    try folder.make()
    if let there = try await standing(target, digest: digest, name: name, tag: tag) { return there }
    do {
      try await PartFile.fill(target, isReplacing: false) { part in
        try await LocalFile.with(path) { file in
          guard try file.stamp().size == digest.size else { throw StoreRefusal.changed(path) }
          let copied = try await file.digest(progress: progress) { try part.append($0) }
          guard copied == digest else { throw StoreRefusal.changed(path) }
        }
      }
    } catch is PartFile.NameTaken {
      throw StoreRefusal.taken(name, tag, self.name)
    }
    guard let stamp = FileStamp(path: target) else { throw StoreRefusal.taken(name, tag, self.name) }
    return StoreAsset(tag: tag, name: name, stamp: stamp, sha256: digest.sha256)
  }

  /// What has the name already; nil when nothing has.
  private func standing(
    _ target: String, digest: FileDigest, name: String, tag: String
  ) async throws -> StoreAsset? {
    var status = stat()
    guard lstat(target, &status) == 0 else { return nil }
    guard let stamp = FileStamp(path: target), stamp.size == digest.size,
      try await LocalFile.with(target, followsLinks: false, { try await $0.digest(progress: { _, _ in }) }) == digest
    else { throw StoreRefusal.taken(name, tag, self.name) }
    return StoreAsset(tag: tag, name: name, stamp: stamp, sha256: digest.sha256)
  }

  package func swap(_ asset: StoreAsset, into name: String) async throws -> StoreAsset {
    let source = try folder.path(tag: asset.tag, name: asset.name)
    let target = try folder.path(tag: asset.tag, name: name)
    let standing = FileStamp(path: target)
    if let standing, standing.identifier == asset.identifier {
      // Two names of one file: rename(2) would leave both.
      if source != target, FileStamp(path: source)?.identifier == asset.identifier { unlink(source) }
      return asset.renamed(to: name, standing)
    }
    guard FileStamp(path: source)?.identifier == asset.identifier else {
      if let standing, let sha256 = asset.sha256, standing.size == asset.size,
        try await LocalFile.with(target, followsLinks: false, { try await $0.digest(progress: { _, _ in }) }).sha256
          == sha256
      {
        return asset.renamed(to: name, standing)
      }
      throw StoreRefusal.missing(asset, self.name)
    }
    guard rename(source, target) == 0 else { throw failure("\(asset.name) could not become \(name)") }
    PartFile.sync(folderOf: target)
    guard let stamp = FileStamp(path: target) else { throw StoreRefusal.missing(asset, self.name) }
    return asset.renamed(to: name, stamp)
  }

  package func delete(_ asset: StoreAsset) async throws {
    let path = try folder.path(tag: asset.tag, name: asset.name)
    guard FileStamp(path: path)?.identifier == asset.identifier else { return }
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("\(asset.name) could not be deleted") }
  }

  package func digest(of asset: StoreAsset, progress: @escaping TransferProgress) async throws -> FileDigest {
    try await with(asset) { try await $0.digest(progress: progress) }
  }

  package func fetch(_ asset: StoreAsset, to path: String, progress: @escaping TransferProgress) async throws
    -> FileDigest
  {
    try await with(asset) { file in
      try await PartFile.fill(path, isReplacing: true) { part in
        try await file.digest(progress: progress) { try part.append($0) }
      }
    }
  }

  /// Opens the very file that was listed.
  private func with<Value>(
    _ asset: StoreAsset, _ body: (LocalFile) async throws -> Value
  ) async throws -> Value {
    let path = try folder.path(tag: asset.tag, name: asset.name)
    guard FileStamp(path: path)?.identifier == asset.identifier else { throw StoreRefusal.missing(asset, name) }
    return try await LocalFile.with(path, followsLinks: false) { file in
      guard try file.stamp().identifier == asset.identifier else { throw StoreRefusal.missing(asset, name) }
      return try await body(file)
    }
  }

  private func failure(_ what: String) -> NexyError {
    let reason = String(cString: strerror(errno))
    return NexyError(.storeRefused, "\(what) in \(folder.path): \(reason). Check the folder and its permissions.")
  }
}

extension StoreAsset {
  init(tag: String, name: String, stamp: FileStamp, sha256: String?) {
    self.init(
      tag: tag, name: name, size: stamp.size, sha256: sha256, identifier: stamp.identifier, modified: stamp.modified)
  }

  fileprivate func renamed(to name: String, _ stamp: FileStamp) -> StoreAsset {
    StoreAsset(tag: tag, name: name, stamp: stamp, sha256: sha256)
  }
}
