#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What of a file system is free.
struct DiskSpace: Sendable, Equatable {
  /// Bytes that those without special rights may still write.
  var bytes: Int64
  /// Files that may still be made; nil where the file system sets no number.
  var files: Int64?
  var isReadOnly = false

  /// The file system of a path, or of the nearest folder above that is there; nil when nothing can be told.
  static func of(_ path: String) -> Self? {
    var path = path.isEmpty ? "." : path
    while access(path, F_OK) != 0 {
      guard errno == ENOENT, path != "/", path != "." else { return nil }
      guard let slash = path.lastIndex(of: "/") else {
        path = "."
        continue
      }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Self(
      bytes: Int64(
        clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue),
      files: status.f_files == 0 ? nil : Int64(clamping: status.f_favail),
      isReadOnly: Int(status.f_flag) & Int(ST_RDONLY) != 0)
  }
}

/// How much of a folder's disk must be free.
package struct DiskNeed: Sendable, Equatable {
  package enum Folder: Sendable, CaseIterable {
    case data, log, updates, temporary

    var point: CheckPoint {
      switch self {
      case .data: .preflightData
      case .log: .preflightLog
      case .updates: .preflightReleases
      case .temporary: .preflightTemporary
      }
    }
  }

  /// Files; the server makes few, so fewer than these mean that something else eats them.
  static let fewestFiles: Int64 = 10_000

  package let folder: Folder
  package let path: String
  /// Bytes.
  package let bytes: Int64
  /// What the bytes are for.
  package let reason: String

  /// The database of usage and memory, which writes its changes twice: first into the file beside it.
  package static func data(_ path: String) -> Self {
    Self(folder: .data, path: path, bytes: 512 << 20, reason: "the database and its changes")
  }

  /// - Parameter files: Bytes of all log files at their largest.
  package static func log(_ path: String, files: Int64) -> Self {
    Self(folder: .log, path: path, bytes: files + 64 << 20, reason: "all log files at their largest")
  }

  /// A release of 276 MB is laid down beside the one that is served, as dmg and as pkg, and two past ones stay.
  package static func updates(_ path: String) -> Self {
    Self(folder: .updates, path: path, bytes: 2 << 30, reason: "a release of 300 MB, twice, and those before it")
  }

  /// What the server, and a proxy beside it, put away for moments.
  package static func temporary(_ path: String) -> Self {
    Self(folder: .temporary, path: path, bytes: 256 << 20, reason: "temporary files")
  }

  var expected: String { "\(bytes >> 20) MiB and \(Self.fewestFiles) files free, for \(reason)" }

  func sight() -> Sight { sight(of: DiskSpace.of(path)) }

  func sight(of space: DiskSpace?) -> Sight {
    guard let space else { return .bad("\(path) cannot be looked at") }
    var faults = space.isReadOnly ? ["\(path) is on a disk that is read only"] : []
    if space.bytes < bytes { faults.append("\(path) has \(space.bytes >> 20) MiB free") }
    if let files = space.files, files < Self.fewestFiles { faults.append("\(path) has room for \(files) files") }
    return .of(faults, otherwise: "\(path) has \(space.bytes >> 20) MiB free")
  }
}
