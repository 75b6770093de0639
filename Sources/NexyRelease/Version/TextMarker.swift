import NexyCore

/// The words around a version in a document, such as `Server version: {version}`.
package struct TextMarker: Sendable, Hashable {
  private static let hole = "{version}"
  private static let dot = UInt8(ascii: ".")

  /// As the table has it.
  package let pattern: String
  private let before: [UInt8]
  private let after: [UInt8]

  /// - Returns: nil unless `{version}` stands in the pattern once, with words before or after it.
  package init?(_ pattern: String) {
    let parts = pattern.split(separator: Self.hole, omittingEmptySubsequences: false)
    guard parts.count == 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    self.pattern = pattern
    (before, after) = (Array(parts[0].utf8), Array(parts[1].utf8))
  }

  /// Every one to four numbers with dots between them that stand between the pattern's words.
  func occurrences(in bytes: [UInt8]) -> [VersionOccurrence] {
    var occurrences: [VersionOccurrence] = []
    var index = 0
    while index < bytes.count {
      if let range = version(in: bytes, at: index) {
        let text = String(decoding: bytes[range], as: UTF8.self)
        occurrences.append(VersionOccurrence(range: range, line: bytes.line(at: range.lowerBound), text: text))
        index = range.upperBound + after.count
      } else {
        index += 1
      }
    }
    return occurrences
  }

  /// The version of an occurrence that begins here.
  private func version(in bytes: [UInt8], at index: Int) -> Range<Int>? {
    if let first = before.first {
      guard bytes[index] == first, bytes[index...].starts(with: before) else { return nil }
    } else if index > 0, Self.isDigit(bytes[index - 1]) || bytes[index - 1] == Self.dot {
      return nil
    }
    let start = index + before.count
    var end = start
    while end < bytes.count, Self.isDigit(bytes[end]) || isInnerDot(bytes, at: end, after: start) { end += 1 }
    guard ReleaseVersion(String(decoding: bytes[start..<end], as: UTF8.self)) != nil,
      bytes[end...].starts(with: after)
    else { return nil }
    return start..<end
  }

  /// The dot at a sentence's end is none of the version's.
  private func isInnerDot(_ bytes: [UInt8], at index: Int, after start: Int) -> Bool {
    bytes[index] == Self.dot && index > start && index + 1 < bytes.count && Self.isDigit(bytes[index + 1])
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
