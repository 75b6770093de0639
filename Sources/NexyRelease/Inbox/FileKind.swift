#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What stands at a path.
enum FileKind: Equatable {
  case file(size: Int64)
  case link
  case other

  /// - Returns: nil where nothing stands.
  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(size: Int64(status.st_size))
    case S_IFLNK: self = .link
    default: self = .other
    }
  }

  /// What is wrong with it where a file with something in it is wanted.
  var words: String {
    switch self {
    case .file: "is empty"
    case .link: "is a link"
    case .other: "is no file"
    }
  }
}
