import Foundation
import NexyCore
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A log file that is rotated by size: `server.log` becomes `server.log.1`, that `server.log.2`, the oldest is removed.
///
/// A line is one write(2), never split over two files. What cannot be written is told once, tried again with every
/// line, and never a reason for the caller to fail.
package final class LogFile: Sendable {
  private struct Opened {
    let descriptor: Int32
    let device: dev_t
    let inode: ino_t
  }

  private struct State {
    var file: Opened
    /// A failure was told, and nothing succeeded since.
    var isFailing = false
  }

  private let path: String
  private let maximumBytes: Int
  private let backups: Int
  private let onRecovery: @Sendable () -> Void
  private let onFailure: @Sendable (NexyError) -> Void
  private let state: Mutex<State>

  /// - Parameters:
  ///   - maximumBytes: No line makes the file longer, unless that line alone is; 0 never rotates.
  ///   - backups: How many rotated files stay; with 0 a full file is emptied.
  ///   - onRecovery: Hears that a write succeeded after a failure.
  ///   - onFailure: Hears of a failure, and of the next one only when a write succeeded between.
  /// - Throws: `NexyError` with code `logFileNotWritten` when the file cannot be opened now.
  package init(
    path: String, maximumBytes: Int, backups: Int, onRecovery: @escaping @Sendable () -> Void = {},
    onFailure: @escaping @Sendable (NexyError) -> Void
  ) throws {
    self.path = path
    self.maximumBytes = maximumBytes
    self.backups = backups
    self.onRecovery = onRecovery
    self.onFailure = onFailure
    state = Mutex(State(file: try Self.open(path)))
  }

  deinit {
    state.withLock { _ = close($0.file.descriptor) }
  }

  /// Appends the line and a newline.
  package func write(_ line: String) {
    var bytes = ContiguousArray(line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    tell { file throws(NexyError) in
      var obstacle: NexyError?
      // A file that could not be rotated or opened anew leaves the old one: a line there is better than none.
      do throws(NexyError) { try prepare(&file, for: bytes.count) } catch { obstacle = error }
      try append(bytes.span.bytes, to: file.descriptor)
      if let obstacle { throw obstacle }
    }
  }

  /// Opens the path again, for a logrotate that moved the file away and sent SIGHUP.
  package func reopen() {
    tell { file throws(NexyError) in try reopen(&file) }
  }

  /// Runs one step under the lock and reports what it returns outside of it, so that the report may log as well.
  private func tell(_ step: (inout Opened) throws(NexyError) -> Void) {
    let (wasFailing, failure) = state.withLock { state -> (Bool, NexyError?) in
      let wasFailing = state.isFailing
      do throws(NexyError) {
        try step(&state.file)
        state.isFailing = false
        return (wasFailing, nil)
      } catch {
        state.isFailing = true
        return (wasFailing, error)
      }
    }
    switch failure {
    case let failure? where !wasFailing: onFailure(failure)
    case nil where wasFailing: onRecovery()
    default: break
    }
  }

  /// Sees to it that the file at the path is open and has room.
  ///
  /// One stat(2) a line costs less than the write and tells at once when the file was moved, deleted or shortened.
  private func prepare(_ file: inout Opened, for count: Int) throws(NexyError) {
    var there = stat()
    guard stat(path, &there) == 0, there.st_ino == file.inode, there.st_dev == file.device else {
      return try reopen(&file)
    }
    guard maximumBytes > 0, there.st_size > 0, Int(there.st_size) + count > maximumBytes else { return }
    try rotate(&file)
  }

  private func rotate(_ file: inout Opened) throws(NexyError) {
    guard backups > 0 else {
      guard ftruncate(file.descriptor, 0) == 0 else { throw Self.failure(path, "emptied") }
      return
    }
    for number in (1..<backups).reversed() {
      guard rename("\(path).\(number)", "\(path).\(number + 1)") == 0 || errno == ENOENT else {
        throw Self.failure("\(path).\(number)", "renamed")
      }
    }
    guard rename(path, "\(path).1") == 0 else { throw Self.failure(path, "renamed") }
    try reopen(&file)
  }

  private func reopen(_ file: inout Opened) throws(NexyError) {
    let new = try Self.open(path)
    close(file.descriptor)
    file = new
  }

  /// Writes the bytes whole, or takes back the piece that a full disk let through.
  private func append(_ bytes: RawSpan, to descriptor: Int32) throws(NexyError) {
    var written = 0
    while written < bytes.byteCount {
      let count = bytes.extracting(written...).withUnsafeBytes { Self.write(descriptor, $0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let failure = Self.failure(path, "written")
        var file = stat()
        if written > 0, fstat(descriptor, &file) == 0 { ftruncate(descriptor, file.st_size - off_t(written)) }
        throw failure
      }
      written += count
    }
  }
}

extension LogFile {
  /// Looks whether a file could be opened, and makes none.
  ///
  /// - Throws: `NexyError` with code `logFileNotWritten`.
  package static func check(_ path: String) throws {
    var place = URL(fileURLWithPath: path)
    // Missing folders are made at the start, so the nearest that is there counts.
    while access(place.path, F_OK) != 0, errno == ENOENT, place.path != "/" { place.deleteLastPathComponent() }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    // What stands there and is to be a folder, or to be a file, may be the other.
    if isThere, isFolder.boolValue == (place.path == URL(fileURLWithPath: path).path) {
      errno = isFolder.boolValue ? EISDIR : ENOTDIR
      throw failure(path, "opened")
    }
    guard access(place.path, W_OK) == 0 else { throw failure(path, "opened") }
  }

  /// Creates the folder when only that is missing.
  private static func open(_ path: String) throws(NexyError) -> Opened {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
    var descriptor = openat(AT_FDCWD, path, flags, 0o640)
    if descriptor < 0, errno == ENOENT {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      descriptor = openat(AT_FDCWD, path, flags, 0o640)
    }
    var there = stat()
    guard descriptor >= 0, fstat(descriptor, &there) == 0 else { throw failure(path, "opened") }
    return Opened(descriptor: descriptor, device: there.st_dev, inode: there.st_ino)
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
    Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #else
    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  private static func failure(_ path: String, _ verb: String) -> NexyError {
    let reason = String(cString: strerror(errno))
    return NexyError(
      .logFileNotWritten,
      "The log file \(path) could not be \(verb): \(reason). Free space there, or choose one that the server's user may write."
    )
  }
}

extension NexyError.Code {
  /// The log file could not be opened, rotated or written.
  package static let logFileNotWritten = Self("log_file_not_written")
}
