import NIOCore
import NexyCore
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file that is open for reading, closed when nobody holds it any more.
///
/// The bytes are those of the file that was opened: another one put in its place by a rename does not touch them.
package final class OpenFile: Sendable {
  package let name: String
  /// The state in which it was opened.
  package let stamp: FileStamp
  private let descriptor: Int32

  /// Takes the descriptor over; nil, and closed, when it is no regular file.
  init?(descriptor: Int32, name: String) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let stamp = FileStamp(status) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.name = name
    self.stamp = stamp
  }

  deinit { close(descriptor) }

  /// Reads exactly these bytes; blocks on the disk.
  ///
  /// - Throws: `NexyError` with code `fileChanged` when the file was written to or cut since it was opened, or
  ///   `fileNotRead`.
  func read(_ range: Range<Int64>, into chunk: FileChunk) throws {
    try chunk.fill(count: range.count) { start, done in
      pread(descriptor, start, range.count - done, off_t(range.lowerBound) + off_t(done))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileStamp(status)?.hasBytes(of: stamp) == true else {
      throw FileChunk.changed
    }
  }
}

/// Memory for one piece of a file, used again for the next one as soon as the network is done with it.
final class FileChunk: Sendable {
  static let changed = NexyError(.fileChanged, "The file was changed while it was read; ask for it again.")

  private let buffer: Mutex<ByteBuffer>

  init(capacity: Int) { buffer = Mutex(ByteBufferAllocator().buffer(capacity: capacity)) }

  /// What was read last.
  var bytes: ByteBuffer { buffer.withLock { $0 } }

  /// - Parameter read: Reads to an address, told how many bytes are there already; as pread(2) returns.
  fileprivate func fill(count: Int, read: (UnsafeMutableRawPointer, _ done: Int) -> Int) throws {
    try buffer.withLock { buffer in
      // Keeps the memory, unless a socket still holds it.
      buffer.clear(minimumCapacity: count)
      try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
        guard let start = space.baseAddress else { return 0 }
        var done = 0
        while done < count {
          let got = read(start + done, done)
          if got < 0, errno == EINTR { continue }
          guard got >= 0 else {
            throw NexyError(
              .fileNotRead, "The file could not be read; check the disk.", detail: String(cString: strerror(errno)))
          }
          guard got > 0 else { throw Self.changed }
          done += got
        }
        return done
      }
    }
  }
}
