import NIOCore
import NexyCore
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Memory for one piece of a file, used again for the next one as soon as the network is done with it.
final class FileChunk: Sendable {
  private let buffer: Mutex<ByteBuffer>

  init(capacity: Int) { buffer = Mutex(ByteBufferAllocator().buffer(capacity: capacity)) }

  /// What was read last.
  var bytes: ByteBuffer { buffer.withLock { $0 } }

  /// - Parameter read: Reads to an address, told how many bytes are there already; as pread(2) returns.
  func fill(count: Int, read: (UnsafeMutableRawPointer, _ done: Int) -> Int) throws {
    try buffer.withLock { buffer in
      // Keeps the memory, unless a socket still holds it.
      buffer.clear(minimumCapacity: count)
      try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
        guard let start = space.baseAddress else { return 0 }
        var done = 0
        while done < count {
          let got = read(start + done, done)
          if got < 0, errno == EINTR { continue }
          guard got >= 0 else { throw OpenFile.unreadable(errno) }
          guard got > 0 else { throw OpenFile.changed }
          done += got
        }
        return done
      }
    }
  }
}
