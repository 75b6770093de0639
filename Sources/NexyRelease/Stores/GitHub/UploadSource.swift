import Crypto
import NIOCore
import NexyCore
import NexyUpdates

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A local file as the body of a request: pieces that are read when the connection takes them, hashed on their way.
///
/// It is closed when nobody reads it any more, which may be later than the request's end.
final class UploadSource: Sendable {
  let file: LocalFile
  let digest: FileDigest

  /// - Throws: `NexyError` with code `fileNotRead`, or `fileChanged` for a file of another size.
  init(_ path: String, digest: FileDigest) throws {
    file = try LocalFile(opening: path)
    self.digest = digest
    guard try file.stamp().size == digest.size else { throw StoreRefusal.changed(path) }
  }

  deinit { close(file.descriptor) }

  func pieces(progress: @escaping TransferProgress) -> Pieces { Pieces(source: self, progress: progress) }

  struct Pieces: AsyncSequence, Sendable {
    let source: UploadSource
    let progress: TransferProgress

    func makeAsyncIterator() -> Iterator { Iterator(source: source, progress: progress) }
  }

  struct Iterator: AsyncIteratorProtocol {
    let source: UploadSource
    let progress: TransferProgress
    private var offset: Int64 = 0
    private var hasher = SHA256()
    /// Enough for a quick line to have something to send while the next one is read and hashed.
    private static let pieceBytes = 1 << 20

    init(source: UploadSource, progress: @escaping TransferProgress) {
      self.source = source
      self.progress = progress
    }

    /// The last piece is held back when the file turns out to be another one, so that the request never is whole.
    /// - Throws: `NexyError` with code `fileNotRead` or `fileChanged`.
    mutating func next() async throws -> ByteBuffer? {
      let total = source.digest.size
      let count = Int(min(Int64(Self.pieceBytes), total - offset))
      guard count > 0 else { return nil }
      var piece = ByteBufferAllocator().buffer(capacity: count)
      let read = try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { buffer in
        try source.file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: offset)
      }
      piece.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
      offset += Int64(read)
      if read < count || offset == total && hasher.finalize().hexadecimal != source.digest.sha256 {
        throw StoreRefusal.changed(source.file.path)
      }
      progress(offset, total)
      return piece
    }
  }
}
