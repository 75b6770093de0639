#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes a file whole or not at all: a temporary file in the same folder, flushed to disk, then renamed.
package enum AtomicFile {
  /// - Throws: `NexyError` with code `fileNotWritten`, naming the path and what the system said.
  package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(path) }
    do {
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let error = failure(path)
      unlink(temporary)
      throw error
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    try bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Self.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
        if count < 0 {
          if errno == EINTR { continue }
          throw failure(path)
        }
        written += count
      }
    }
  }

  private static func write(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
    Darwin.write(descriptor, start, count)
    #else
    Glibc.write(descriptor, start, count)
    #endif
  }

  private static func failure(_ path: String) -> NexyError {
    let reason = String(cString: strerror(errno))
    return NexyError(.fileNotWritten, "\(path) could not be written: \(reason).")
  }
}

extension NexyError.Code {
  /// A file could not be written; what stood there before stands there still.
  package static let fileNotWritten = Self("file_not_written")
}
