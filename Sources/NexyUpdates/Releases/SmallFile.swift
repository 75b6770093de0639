#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file that is read at once: a regular one, no link, with a bound.
package struct SmallFile: Sendable {
  package let bytes: [UInt8]
  package let stamp: FileStamp

  /// Why a file is not read.
  package enum Failure: Error, Equatable {
    case missing
    case notRegular
    case tooLarge(limit: Int)
    case unreadable(String)
    /// Somebody writes it right now.
    case changing

    /// A sentence without its beginning: what is wrong with it.
    package var message: String {
      switch self {
      case .missing: "it does not exist"
      case .notRegular: "it is a link or no regular file"
      case .tooLarge(let limit): "it is larger than \(limit) bytes"
      case .unreadable(let reason): "it cannot be read (\(reason))"
      case .changing: "it is being written in place; write it beside and rename it"
      }
    }
  }

  /// - Parameter limit: Bytes.
  /// - Throws: `Failure`.
  package init(path: String, limit: Int) throws(Failure) {
    // Nothing that blocks, such as a pipe somebody put there, is waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT: throw .missing
      case ELOOP: throw .notRegular
      default: throw .unreadable(String(cString: strerror(errno)))
      }
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(String(cString: strerror(errno))) }
    guard let stamp = FileStamp(status) else { throw .notRegular }
    guard stamp.size <= limit else { throw .tooLarge(limit: limit) }
    bytes = try Self.contents(of: descriptor, limit: limit)
    guard fstat(descriptor, &status) == 0, FileStamp(status) == stamp, bytes.count == stamp.size else {
      throw .changing
    }
    self.stamp = stamp
  }

  private static func contents(of descriptor: Int32, limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count <= limit {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(String(cString: strerror(errno)))
      }
      bytes += chunk[..<count]
    }
    throw .tooLarge(limit: limit)
  }
}
