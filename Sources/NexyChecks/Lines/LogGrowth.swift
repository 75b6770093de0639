import Foundation
import NexyCore

/// What a log file gains, also across its rotation.
struct LogGrowth: Sendable {
  /// Bytes that are read of the end; a busy server writes far less within a check's patience.
  static let longestRead: UInt64 = 8 << 20

  let path: String
  private let begin: UInt64

  /// - Throws: `NexyError` with code `logNotRead`.
  init(_ path: String) throws {
    self.path = path
    begin = try Self.size(path)
  }

  /// The lines that came since; a file that is shorter than it was is a new one.
  func lines() throws -> [Substring] {
    guard let file = FileHandle(forReadingAtPath: path) else { throw Self.unreadable(path) }
    defer { try? file.close() }
    do {
      let end = try file.seekToEnd()
      let start = end < begin ? 0 : begin
      try file.seek(toOffset: max(start, end > Self.longestRead ? end - Self.longestRead : 0))
      let data = try file.read(upToCount: Int(Self.longestRead)) ?? Data()
      return String(decoding: data, as: UTF8.self).split(separator: "\n")
    } catch { throw Self.unreadable(path) }
  }

  /// Whether a line tells a decision, in either form of the log.
  static func tells(_ decision: String, _ line: Substring) -> Bool {
    line.contains(" decision=\(decision) ") || value(of: "decision", in: line) == decision[...]
  }

  /// What a member of a line's JSON says; nil where it has none of that name that is text.
  static func value(of member: String, in line: Substring) -> Substring? {
    guard let name = line.range(of: "\"\(member)\":") else { return nil }
    let rest = line[name.upperBound...].drop { $0 == " " }
    return rest.first == "\"" ? rest.dropFirst().prefix { $0 != "\"" } : nil
  }

  private static func size(_ path: String) throws -> UInt64 {
    guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable(path) }
    defer { try? file.close() }
    do { return try file.seekToEnd() } catch { throw unreadable(path) }
  }

  private static func unreadable(_ path: String) -> NexyError {
    NexyError(.logNotRead, "\(path) cannot be read. Check the path, and whose file it is.")
  }
}

extension NexyError.Code {
  /// The server's log cannot be read.
  static let logNotRead = Self("log_not_read")
}
