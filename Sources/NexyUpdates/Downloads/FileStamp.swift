#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Which file it is and in which state, without its bytes.
package struct FileStamp: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64
  /// Bytes.
  package let size: Int64
  /// The last modification: seconds since 1970, and nanoseconds of that second.
  package let modified: Int64
  let modifiedNanoseconds: Int64

  /// Nil for what is no regular file.
  init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    modified = Int64(time.tv_sec)
    modifiedNanoseconds = Int64(time.tv_nsec)
  }

  /// Nil where no regular file stands.
  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
