import NexyUpdates

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What stands at a path.
package enum PlaceFile: Sendable {
  case absent
  /// A sentence's end: why it is not read.
  case unreadable(String)
  /// The stamp tells whether two paths are one file; nil for bytes that are still to be written.
  case present([UInt8], FileStamp?)

  /// Bytes of the largest file that a version is looked for in.
  private static let limit = 1 << 20

  /// Reads a file; a link is never followed, so that nothing outside of the table is written.
  package static func reading(_ path: String) -> PlaceFile {
    do throws(SmallFile.Failure) {
      let file = try SmallFile(path: path, limit: limit)
      return .present(file.bytes, file.stamp)
    } catch {
      return error == .missing ? .absent : .unreadable(error.message)
    }
  }

  /// The bytes; nil for a file that is not there or not read.
  var bytes: [UInt8]? {
    if case .present(let bytes, _) = self { bytes } else { nil }
  }

  var stamp: FileStamp? {
    if case .present(_, let stamp) = self { stamp } else { nil }
  }
}
