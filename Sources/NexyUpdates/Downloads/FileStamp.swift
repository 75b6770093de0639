#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Which file it is and in which state, without its bytes.
package struct FileStamp: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  /// Bytes.
  package let size: Int64
  /// The last modification, seconds since 1970; whoever wrote the file may set it.
  package let modified: Int64
  private let modifiedNanoseconds: Int64
  /// The last change of any kind, seconds since 1970, as the system saw it: nobody can set it, so that a new file with
  /// an old one's number and times is another file.
  let changed: Int64
  private let changedNanoseconds: Int64

  /// Nil for what is no regular file.
  init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    #if canImport(Darwin)
    let (modification, change) = (status.st_mtimespec, status.st_ctimespec)
    #else
    let (modification, change) = (status.st_mtim, status.st_ctim)
    #endif
    (modified, modifiedNanoseconds) = (Int64(modification.tv_sec), Int64(modification.tv_nsec))
    (changed, changedNanoseconds) = (Int64(change.tv_sec), Int64(change.tv_nsec))
  }

  /// Whether an open file still has the bytes it had: it may have been renamed or removed since.
  package func hasBytes(of earlier: FileStamp) -> Bool {
    size == earlier.size && modified == earlier.modified && modifiedNanoseconds == earlier.modifiedNanoseconds
  }

  /// The file and its state as a name, the same after the file is renamed.
  package var identifier: String { "\(device)-\(inode)-\(size)-\(modified).\(modifiedNanoseconds)" }

  /// Nil where no regular file stands.
  package init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
