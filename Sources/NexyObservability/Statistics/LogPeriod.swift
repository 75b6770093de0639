import Foundation

/// The time that statistics look at: from a moment, before another.
package struct LogPeriod: Equatable, Sendable {
  /// Milliseconds since 1970.
  let start: Int64
  /// The first millisecond that no longer counts.
  let end: Int64

  /// All of a log.
  package static let always = LogPeriod(start: .min, end: .max)

  package init(since: Date?, until: Date?) {
    self.init(start: since.map(Self.milliseconds) ?? .min, end: until.map(Self.milliseconds) ?? .max)
  }

  init(start: Int64, end: Int64) {
    (self.start, self.end) = (start, end)
  }

  /// Nothing lies in it.
  package var isEmpty: Bool { start >= end }

  @inline(__always)
  func contains(_ milliseconds: Int64) -> Bool { milliseconds >= start && milliseconds < end }

  private static func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }
}

extension LogPeriod {
  /// The moment that an operator typed: `45s`, `30m`, `2h` or `1d` before `now`, or ISO 8601, in UTC unless it says so.
  ///
  /// Of an ISO 8601 time the seconds or the whole time of day may be left out.
  package static func moment(_ text: String, now: Date) -> Date? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    if let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()) {
      return now.addingTimeInterval(-Double(count) * unit)
    }
    var full = text
    if full.utf8.count == 10 { full += "T00:00" }
    if full.utf8.count == 16 { full += ":00" }
    let hasZone = full.utf8.dropFirst(19).contains { "Z+-".utf8.contains($0) }
    if !hasZone { full += "Z" }
    let milliseconds = ContiguousArray(full.utf8).withUnsafeBytes(LogTimestamp.milliseconds)
    return milliseconds.map { Date(timeIntervalSince1970: Double($0) / 1000) }
  }
}
