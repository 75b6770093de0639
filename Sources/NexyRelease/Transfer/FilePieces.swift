import Crypto
import NexyCore
import NexyUpdates

extension LocalFile {
  /// Bytes that are read, hashed, sent or written at once.
  static let pieceBytes = 256 << 10

  /// Reads the file once from its beginning to its end and tells what it is, with the memory of one piece.
  ///
  /// - Parameter take: Given every piece, in order.
  /// - Throws: `NexyError` with code `fileNotRead` or `fileChanged`; what `take` throws; `CancellationError`.
  func digest(
    progress: TransferProgress, _ take: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) async throws -> FileDigest {
    let before = try stamp()
    var hasher = SHA256()
    var size: Int64 = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      try Task.checkCancellation()
      let count = try read(into: buffer, at: size)
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      hasher.update(bufferPointer: piece)
      try take(piece)
      size += Int64(count)
      progress(size, before.size)
      guard count == buffer.count, size <= before.size else { break }
      await Task.yield()
    }
    guard try stamp().hasBytes(of: before), size == before.size else {
      throw NexyError(.fileChanged, "\(path) was changed while it was read. Run the command again.")
    }
    return FileDigest(size: size, sha256: hasher.finalize().hexadecimal)
  }
}
