import NexyCore

/// Whole days in UTC, both ends included; an end that is nil is open.
package struct UsagePeriod: Sendable, Equatable {
  /// As `2026-01-31`.
  package let from: String?
  package let to: String?

  /// - Throws: `NexyError` with code `badUsagePeriod` for what is no day, and for a period that ends before it begins.
  package init(from: String? = nil, to: String? = nil) throws {
    for day in [from, to].compactMap(\.self) where !Self.isDay(day) {
      throw NexyError(.badUsagePeriod, "\(day) is no day: write 2026-01-31.")
    }
    if let from, let to, from > to {
      throw NexyError(.badUsagePeriod, "The period ends on \(to), before it begins on \(from).")
    }
    self.from = from
    self.to = to
  }

  private static func isDay(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...lengths[month - 1]).contains(day)
  }
}

extension NexyError.Code {
  /// A day or a period that is none.
  package static let badUsagePeriod = Self("bad_usage_period")
}
