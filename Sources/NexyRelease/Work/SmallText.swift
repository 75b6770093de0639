import Foundation
import NexyCore

/// Small files that a person or a command left.
enum SmallText {
  /// - Returns: nil when there is no file.
  /// - Throws: `NexyError` with code `inboxUnreadable` for what is no regular file, or is too large.
  static func read(_ path: String, limit: Int) throws -> [UInt8]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= off_t(limit) else {
      throw NexyError(.inboxUnreadable, "\(path) is no file of at most \(limit) bytes. Give the file itself.")
    }
    do { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(limit)) } catch {
      throw NexyError(.inboxUnreadable, "\(path) could not be read. Check its permissions.", cause: error)
    }
  }
}

extension NexyError.Code {
  /// A file that a release needs could not be read.
  package static let inboxUnreadable = Self("inbox_unreadable")
}
