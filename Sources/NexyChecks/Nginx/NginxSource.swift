import Foundation
import NexyCore

/// Where the files of a configuration come from.
struct NginxSource: Sendable {
  /// A file's bytes; throws `NexyError` for one that is missing or larger than the second value.
  let read: @Sendable (String, Int) throws -> [UInt8]
  /// The files that a pattern stands for, in order; none is no fault (nginx says the same).
  let matches: @Sendable (String) throws -> [String]

  static let disk = Self(
    read: { path, largest in
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw NexyError(.badNginxFile, "\(path) cannot be opened. Check the path, and whose file it is.")
      }
      defer { try? file.close() }
      let data: Data
      do { data = try file.read(upToCount: largest + 1) ?? Data() } catch {
        throw NexyError(.badNginxFile, "\(path) cannot be read. Give a file.", cause: error)
      }
      guard data.count <= largest else {
        throw NexyError(.badNginxFile, "\(path) and its includes have more than \(NginxReader.largest >> 20) MiB.")
      }
      return [UInt8](data)
    },
    matches: { pattern in
      var found = glob_t()
      defer { globfree(&found) }
      switch glob(pattern, 0, nil, &found) {
      case 0: break
      case GLOB_NOMATCH: return []
      default: throw NexyError(.badNginxFile, "\(pattern) cannot be looked up. Check whose folders they are.")
      }
      return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    })
}
