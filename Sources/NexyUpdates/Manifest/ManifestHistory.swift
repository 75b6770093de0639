import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What was done to a folder's manifests: a line of JSON for every writing and every override.
struct ManifestHistory: Sendable {
  static let name = "manifest_history.jsonl"
  /// The event of a release whose files are about to stand there.
  static let announcement = "announced"
  /// The event of a release that was announced and did not come.
  static let withdrawal = "withdrawn"

  let path: String

  /// Adds a line; a line that a crash cut short is ended first, so that it costs no other.
  ///
  /// Only the holder of the folder's lease may call it.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  func append(_ event: [String: JSONValue]) throws {
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    var last: UInt8 = 0x0A
    guard end >= 0, end == 0 || pread(descriptor, &last, 1, end - 1) == 1 else { throw failure() }
    let line = (last == 0x0A ? [] : [0x0A]) + JSONWriter.line(.object(event))
    guard line.withUnsafeBytes({ Self.write(descriptor, $0) }) == line.count, fsync(descriptor) == 0 else {
      throw failure()
    }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
    Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #else
    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  private func failure() -> NexyError {
    NexyError(.fileNotWritten, "\(path) could not be written: \(String(cString: strerror(errno))).")
  }
}
