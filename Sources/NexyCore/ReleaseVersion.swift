/// A release's version or build: one to four numeric parts, ordered part by part; missing parts are 0.
///
/// The order is Sparkle's (`SUStandardVersionComparator`) on what both can read, so `1.0` equals `1.0.0`.
package struct ReleaseVersion: Sendable {
  /// As it was written.
  package let text: String
  /// Always four numbers.
  package let parts: [Int]

  /// - Returns: nil unless it is one to four parts of one to nine ASCII digits, parted by dots.
  package init?(_ text: some StringProtocol) {
    let fields = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...4).contains(fields.count) else { return nil }
    var parts: [Int] = []
    for field in fields {
      guard (1...9).contains(field.count) else { return nil }
      var number = 0
      for byte in field {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
      }
      parts.append(number)
    }
    self.text = String(text)
    self.parts = parts + Array(repeating: 0, count: 4 - parts.count)
  }
}

extension ReleaseVersion: Comparable, Hashable {
  package static func == (one: Self, other: Self) -> Bool { one.parts == other.parts }
  package static func < (one: Self, other: Self) -> Bool { one.parts.lexicographicallyPrecedes(other.parts) }
  package func hash(into hasher: inout Hasher) { hasher.combine(parts) }
}

extension ReleaseVersion: CustomStringConvertible {
  package var description: String { text }
}
