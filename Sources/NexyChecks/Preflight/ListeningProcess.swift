import Foundation

/// The process that listens on a port of this machine, by what Linux tells of it under /proc.
enum ListeningProcess {
  enum Finding: Sendable, Equatable {
    case found(Int)
    /// Somebody listens, and whose process it is may not be seen.
    case notOurs
    /// Nobody listens here, or this system does not tell.
    case unknown
  }

  static func find(port: Int) -> Finding {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    let sockets = Set(tables.flatMap { listeners($0, port: port) }.map { "socket:[\($0)]" })
    guard !sockets.isEmpty else { return .unknown }
    for process in (names("/proc").compactMap { Int($0) }).sorted() {
      for descriptor in names("/proc/\(process)/fd") {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(descriptor)")
        if let link, sockets.contains(link) { return .found(process) }
      }
    }
    return .notOurs
  }

  /// The inodes of listening sockets in a table of sockets: `sl local_address rem_address st … inode`, addresses and
  /// states as hexadecimal numbers (proc(5)).
  static func listeners(_ table: String, port: Int) -> [String] {
    table.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
        Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port
      else { return nil }
      return String(fields[9])
    }
  }

  private static func names(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
