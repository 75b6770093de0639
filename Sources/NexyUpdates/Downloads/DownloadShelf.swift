import NIOPosix

/// What may be downloaded now: a folder, what is known of its files, and who may see them.
package struct DownloadShelf: Sendable {
  /// A file that clients may see.
  package struct Item: Sendable {
    package let name: String
    /// Bytes.
    package let size: Int64
    /// Seconds since 1970.
    package let modified: Int64
    /// SHA-256 in hexadecimal digits; nil while it is not known.
    package let checksum: String?
  }

  private let folder: DownloadFolder
  private let ledger: ChecksumLedger
  private let isVisible: @Sendable (Item) -> Bool
  /// Where the disk is waited for.
  let pool: NIOThreadPool

  /// - Parameter isVisible: Asked at every request, so that a channel that is switched off is off at once; the checksum
  ///   is nil while it is not known.
  package init(
    folder: DownloadFolder, ledger: ChecksumLedger, pool: NIOThreadPool = .singleton,
    isVisible: @escaping @Sendable (Item) -> Bool = { _ in true }
  ) {
    self.folder = folder
    self.ledger = ledger
    self.pool = pool
    self.isVisible = isVisible
  }

  /// The visible files by name, and whether the folder holds more than is looked at.
  ///
  /// - Throws: `NexyError` with code `fileNotRead`.
  package func items() async throws -> (files: [Item], isTruncated: Bool) {
    let listing = try await pool.runIfActive { [folder] in try folder.listing() }
    ledger.keep(only: listing.files)
    return (listing.files.map(item).filter(isVisible), listing.isTruncated)
  }

  /// Opens a visible file; nil when there is none.
  ///
  /// - Parameter segment: The name as it stands in the request's path, with its escapes.
  /// - Throws: `NexyError` with code `fileNotRead`.
  func take(_ segment: Substring) async throws -> (file: OpenFile, checksum: String?)? {
    guard let name = DownloadName.decode(segment), DownloadName.text(name) != nil,
      let file = try await pool.runIfActive({ [folder] in try folder.open(name) })
    else { return nil }
    let item = item(DownloadFolder.Entry(name: file.name, stamp: file.stamp))
    return isVisible(item) ? (file, item.checksum) : nil
  }

  private func item(_ file: DownloadFolder.Entry) -> Item {
    Item(
      name: file.name, size: file.stamp.size, modified: file.stamp.modified, checksum: ledger.checksum(of: file))
  }
}
