import Foundation
import NexyCore

/// The files of the table on disk.
struct PlaceStorage: Sendable {
  /// What relative paths are relative to; absolute.
  let folder: String
  /// Writes a file whole or not at all.
  let writeFile: @Sendable (_ bytes: [UInt8], _ path: String, _ mode: mode_t) throws -> Void

  init(
    folder: String,
    writeFile: @escaping @Sendable ([UInt8], String, mode_t) throws -> Void = {
      try AtomicFile.write($0, to: $1, mode: $2)
    }
  ) {
    self.folder = folder
    self.writeFile = writeFile
  }

  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

  func read(_ path: String) -> PlaceFile { PlaceFile.reading(absolute(path)) }

  /// Writes a file and leaves its mode and its owner as they were; the folders of a new file are made.
  /// - Returns: the folders that were made.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  func write(_ bytes: [UInt8], to path: String) throws -> [String] {
    let path = absolute(path)
    let before = status(path)
    let made = before == nil ? try makeFolder(parent(path)) : []
    do { try writeFile(bytes, path, before.map { $0.st_mode & 0o7777 } ?? 0o644) } catch {
      for folder in made.reversed() { removeIfEmpty(folder) }
      throw error
    }
    guard let before else { return made }
    // A new file's mode goes through the mask of this process, and its owner is this process's.
    if let after = status(path), after.st_uid != before.st_uid || after.st_gid != before.st_gid {
      guard lchown(path, before.st_uid, before.st_gid) == 0 else { throw failure(path, "has another owner now") }
    }
    guard chmod(path, before.st_mode & 0o7777) == 0 else { throw failure(path, "has another mode now") }
    return made
  }

  /// Why a file cannot be written; nil when it can.
  func obstacle(_ path: String) -> String? {
    let path = absolute(path)
    guard let before = status(path) else {
      var folder = parent(path)
      while status(folder) == nil, folder != parent(folder) { folder = parent(folder) }
      return access(folder, W_OK | X_OK) == 0 ? nil : "\(folder): nothing may be made in it; check its permissions."
    }
    // A file is replaced by renaming, so its folder has to let that happen.
    guard access(path, W_OK) == 0, access(parent(path), W_OK | X_OK) == 0 else {
      return "\(path): it may not be written; check its permissions and its folder's."
    }
    guard geteuid() == 0 || before.st_uid == geteuid() else {
      return "\(path): it belongs to somebody else, and replacing it would change that; run the command as its owner."
    }
    return nil
  }

  /// - Returns: the folders that were made, the outermost first.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  @discardableResult
  func makeFolder(_ path: String) throws -> [String] {
    guard status(path) == nil else { return [] }
    let made = try makeFolder(parent(path))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path, "could not be made") }
    return made + [path]
  }

  /// - Throws: `NexyError` with code `fileNotWritten`.
  func remove(_ path: String) throws {
    guard unlink(absolute(path)) == 0 || errno == ENOENT else { throw failure(absolute(path), "could not be removed") }
  }

  func removeIfEmpty(_ folder: String) { rmdir(folder) }

  /// Removes what a writer left beside these files that was killed while it wrote (`AtomicFile` names them so).
  func clearAway(besides paths: [String]) {
    for (folder, paths) in Dictionary(grouping: Set(paths.map(absolute)), by: parent) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for path in paths {
        let name = path.split(separator: "/").last ?? ""
        for left in names where Self.isTemporary(left, of: name) { unlink("\(folder)/\(left)") }
      }
    }
  }

  private static func isTemporary(_ left: String, of name: Substring) -> Bool {
    guard left.hasPrefix("\(name)."), left.hasSuffix(".tmp") else { return false }
    let numbers = left.dropFirst(name.count + 1).dropLast(".tmp".count).split(separator: ".")
    return numbers.count == 2 && numbers.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  private func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  private func parent(_ path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return "/" + parts.joined(separator: "/")
  }

  private func failure(_ path: String, _ what: String) -> NexyError {
    NexyError(.fileNotWritten, "\(path) \(what): \(String(cString: strerror(errno))).")
  }
}
