import NexyCore
import NexyUpdates

extension LocalFile {
  /// Bytes that are read, hashed, sent or written at once.
  static let pieceBytes = FileDigest.piece

  /// Reads the file once from its beginning to its end and tells what it is, with the memory of one piece.
  ///
  /// - Parameter take: Given every piece, in order.
  /// - Throws: `NexyError` with code `fileNotRead` or `fileChanged`; what `take` throws; `CancellationError`.
  func digest(
    progress: TransferProgress, _ take: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) async throws -> FileDigest {
    let total = try stamp().size
    var size: Int64 = 0
    return try await FileDigest.of(self) { piece in
      size += Int64(piece.count)
      // A file that grows is not followed to its end.
      guard size <= total else { throw StoreRefusal.changed(path) }
      try take(piece)
      progress(size, total)
    }
  }
}
