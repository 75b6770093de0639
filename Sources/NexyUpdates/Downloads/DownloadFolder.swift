import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The files of one folder that may be downloaded: regular ones, not hidden, not unfinished, not behind a link.
///
/// A file is only ever opened under a name that the folder itself lists, so that no spelling of a name leads anywhere
/// else. A hard link is a regular file: whoever makes one in the folder has put that file there.
package struct DownloadFolder: Sendable {
  /// A file as the folder lists it.
  package struct Entry: Sendable, Equatable {
    package let name: String
    package let stamp: FileStamp
  }

  /// What the folder holds.
  package struct Listing: Sendable, Equatable {
    /// Sorted by name.
    package var files: [Entry] = []
    /// Whether there is more in the folder than is looked at; what lies behind the limit is not served.
    package var isTruncated = false
  }

  /// What opening says of a name that is gone, and of links, sockets and devices.
  private static let isNoFile = [ENOENT, ELOOP, EMLINK, ENXIO, ENODEV, EOPNOTSUPP]

  private let path: String
  private let limit: Int

  /// - Parameters:
  ///   - path: The folder; it may itself be a link. One that does not exist has no files.
  ///   - limit: How many entries of the folder are looked at, of whatever kind.
  package init(path: String, limit: Int = 4096) {
    self.path = path
    self.limit = limit
  }

  /// Everything that may be downloaded; blocks on the disk.
  ///
  /// - Throws: `NexyError` with code `fileNotRead`.
  package func listing() throws -> Listing {
    var listing = Listing()
    listing.isTruncated = try walk { folder, bytes in
      guard let name = DownloadName.text(bytes) else { return true }
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, let stamp = FileStamp(status) else {
        return true
      }
      listing.files.append(Entry(name: name, stamp: stamp))
      return true
    }
    listing.files.sort { $0.name < $1.name }
    return listing
  }

  /// Opens a file by its exact name; nil when the folder lists no such file. Blocks on the disk.
  ///
  /// - Throws: `NexyError` with code `fileNotRead`.
  package func open(_ name: some Collection<UInt8>) throws -> OpenFile? {
    guard let text = DownloadName.text(name) else { return nil }
    var file: OpenFile?
    _ = try walk { folder, listed in
      guard listed.elementsEqual(name) else { return true }
      // No link is followed, and a pipe does not make the server wait for a writer.
      let descriptor = openat(folder, text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 || Self.isNoFile.contains(errno) else { throw OpenFile.unreadable(errno) }
      if descriptor >= 0 { file = OpenFile(descriptor: descriptor, name: text) }
      return false
    }
    return file
  }

  /// Visits the entries until `visit` returns false.
  ///
  /// - Returns: Whether the limit ended it.
  private func walk(_ visit: (_ folder: Int32, _ name: UnsafeBufferPointer<UInt8>) throws -> Bool) throws -> Bool {
    guard let stream = opendir(path) else {
      if errno == ENOENT { return false }
      throw NexyError(
        .fileNotRead, "The downloads folder cannot be read; check its path and its permissions.",
        detail: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    let folder = dirfd(stream)
    var seen = 0
    while let entry = readdir(stream) {
      // A pointer into the entry, which may be shorter than its type says; a stored member always has an offset.
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let length = strlen(start.assumingMemoryBound(to: CChar.self))
      let name = UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: length)
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
      seen += 1
      guard seen <= limit else { return true }
      guard try visit(folder, name) else { return false }
    }
    return false
  }
}
