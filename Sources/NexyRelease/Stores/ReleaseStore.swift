import NexyCore
import NexyUpdates

/// Where released files are: shelves that are named by tags, each with files that are named once, as GitHub's releases are.
///
/// Every operation may be done again after it was cut short: what a first attempt left is used or cleared away.
package protocol ReleaseStore: Sendable {
  /// For people, such as `github owner/name` or `directory updates/downloads`.
  var name: String { get }

  /// What would keep a release from being put on these shelves: a tag that is not there, settings that make a release
  /// immutable, no right to write. Nothing is created.
  /// - Throws: `NexyError` when the store does not answer, with code `storeUnreachable`, `storeRefused` or `storeLimited`.
  func problems(tags: [String]) async throws -> [Finding]

  /// The files of a shelf by name; whatever is not whole is left out of it.
  /// - Throws: as `problems`, and `tagMissing`.
  func assets(of tag: String) async throws -> [StoreAsset]

  /// Where clients download a file of a shelf from, now or once it is there.
  func address(tag: String, name: String) -> String

  /// Puts a local file on a shelf, whole or not at all; a whole file of that name and of these bytes is left as it is.
  /// - Parameter digest: what the file is; a store that gets something else puts nothing there.
  /// - Throws: as `assets`, `fileChanged`, and `storeNameTaken` for other bytes of that name.
  func upload(
    _ path: String, digest: FileDigest, as name: String, to tag: String, progress: @escaping TransferProgress
  ) async throws -> StoreAsset

  /// Gives a file another name of the same shelf and takes away what had that name, in the shortest window there is.
  /// - Throws: as `assets`. What had the name has it again when the new one could not get it.
  func swap(_ asset: StoreAsset, into name: String) async throws -> StoreAsset

  /// Takes a file away; one that is gone already is no failure.
  /// - Throws: as `assets`.
  func delete(_ asset: StoreAsset) async throws

  /// Reads a file back, as the store has it.
  /// - Throws: as `assets`.
  func digest(of asset: StoreAsset, progress: @escaping TransferProgress) async throws -> FileDigest

  /// Copies a file of a shelf to a local one, whole or not at all.
  /// - Throws: as `assets`, and `fileNotWritten`.
  func fetch(_ asset: StoreAsset, to path: String, progress: @escaping TransferProgress) async throws -> FileDigest
}

/// A whole file on a shelf.
package struct StoreAsset: Sendable, Equatable {
  package let tag: String
  package let name: String
  /// Bytes.
  package let size: Int64
  /// 64 hexadecimal digits, lower case, where the store tells without reading the file.
  package let sha256: String?
  /// The store's own name for it.
  package let identifier: String
  /// Seconds since 1970.
  package let modified: Int64

  package init(tag: String, name: String, size: Int64, sha256: String?, identifier: String, modified: Int64) {
    self.tag = tag
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.identifier = identifier
    self.modified = modified
  }
}

/// Told of every piece that went: bytes so far, and of how many.
package typealias TransferProgress = @Sendable (_ bytes: Int64, _ total: Int64) -> Void

extension NexyError.Code {
  /// The store did not answer, or not in time; nothing is known to have changed.
  package static let storeUnreachable = Self("store_unreachable")
  /// The store refused: no right, an unknown repository, a request that it does not take.
  package static let storeRefused = Self("store_refused")
  /// The store's rate limit ends later than anybody wants to wait.
  package static let storeLimited = Self("store_limited")
  /// A shelf's tag is not there; tags are never made here.
  package static let tagMissing = Self("tag_missing")
  /// A name on the shelf is taken by other bytes.
  package static let storeNameTaken = Self("store_name_taken")
}
