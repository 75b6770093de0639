import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A regular file that is open for reading, closed when nobody holds it any more.
///
/// The bytes are those of the file that was opened: another one put in its place by a rename does not touch them.
package final class OpenFile: Sendable {
  static let changed = NexyError(.fileChanged, "The file was changed while it was read; ask for it again.")

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

  static func unreadable(_ reason: Int32) -> NexyError {
    NexyError(
      .fileNotRead, "The file cannot be read; check its permissions, the disk and the limit of open files.",
      detail: String(cString: strerror(reason)))
  }

  /// Reads exactly these bytes; blocks on the disk.
  ///
  /// - Throws: `NexyError` with code `fileChanged` when the file was written to or cut since it was opened, or
  ///   `fileNotRead`.
  func read(_ range: Range<Int64>, into chunk: FileChunk) throws {
    try chunk.fill(count: range.count) { start, done in
      pread(descriptor, start, range.count - done, off_t(range.lowerBound) + off_t(done))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, FileStamp(status)?.hasBytes(of: stamp) == true else { throw Self.changed }
  }
}
