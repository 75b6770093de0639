import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The database's file as the system sees it.
enum StoreFile {
  /// Makes the file and its folder where they are missing, for the owner alone.
  ///
  /// SQLite gives its `-wal` and `-shm` files the mode of the database, so it has to be right before they are made.
  static func prepare(_ path: String) throws {
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    // Closing a database drops this process's locks on it (https://www.sqlite.org/howtocorrupt.html, section 2.2), so
    // only one that is not there yet is opened here.
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 || errno == EEXIST else { throw failure }
    if descriptor >= 0 { close(descriptor) }
    for file in [path, "\(path)-wal", "\(path)-shm"] where chmod(file, 0o600) != 0 && errno != ENOENT {
      throw failure
    }
  }

  private static var failure: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
