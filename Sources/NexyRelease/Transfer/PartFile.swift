import Foundation
import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file that grows under a hidden name beside its own and gets its own only when it is whole and on the disk.
///
/// The hidden name is locked while its writer lives (flock(2)), so that what a dead one left is told from a live one's
/// and cleared away by the next who writes a file there.
struct PartFile: Sendable {
  /// Where the file will be.
  let path: String
  private let temporary: String
  private let descriptor: Int32

  /// - Parameters:
  ///   - isReplacing: Whether a file that has the name goes; otherwise it stays, and the new one is dropped.
  ///   - fill: Writes the bytes; when it throws, nothing is left.
  /// - Throws: `NexyError` with code `fileNotWritten`; `NameTaken`; what `fill` throws.
  static func fill<Value>(
    _ path: String, isReplacing: Bool, _ fill: (PartFile) async throws -> Value
  ) async throws -> Value {
    let name = (path as NSString).lastPathComponent
    let folder = (path as NSString).deletingLastPathComponent
    clearLeftovers(in: folder.isEmpty ? "." : folder)
    let part = try PartFile(path, name: name, folder: folder)
    defer { close(part.descriptor) }
    do {
      let value = try await fill(part)
      try part.finish(isReplacing: isReplacing)
      return value
    } catch {
      unlink(part.temporary)
      throw error
    }
  }

  private init(_ path: String, name: String, folder: String) throws {
    self.path = path
    let hidden = ".\(name).\(getpid()).\(UInt32.random(in: 0...UInt32.max))\(Self.ending)"
    temporary = folder.isEmpty ? hidden : "\(folder)/\(hidden)"
    descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure() }
    flock(descriptor, LOCK_EX | LOCK_NB)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      written += count
    }
  }

  /// Drops what was written so far.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure() }
  }

  private func finish(isReplacing: Bool) throws {
    guard fsync(descriptor) == 0 else { throw failure() }
    if isReplacing {
      guard rename(temporary, path) == 0 else { throw failure() }
    } else {
      // Unlike rename(2), link(2) takes no other file's name.
      guard link(temporary, path) == 0 else {
        if errno == EEXIST { throw NameTaken() }
        throw failure()
      }
      unlink(temporary)
    }
    Self.sync(folderOf: path)
  }

  /// Something has the name that was not to be replaced.
  struct NameTaken: Error {}

  /// Puts the names of a file's folder on the disk; a file system that cannot is no reason to fail.
  static func sync(folderOf path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  // MARK: - Leftovers

  private static let ending = ".part"

  private static func clearLeftovers(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for leftover in names where isPart(leftover) {
      let path = "\(folder)/\(leftover)"
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }

  /// Whether it is `.<name>.<process>.<number>.part`.
  private static func isPart(_ file: String) -> Bool {
    guard file.hasPrefix("."), file.hasSuffix(ending) else { return false }
    let parts = file.dropFirst().dropLast(ending.count).split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 2 && parts.suffix(2).allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
  }

  private func failure() -> NexyError {
    let reason = String(cString: strerror(errno))
    return NexyError(.fileNotWritten, "\(path) could not be written: \(reason). Check the folder and the disk's room.")
  }
}
