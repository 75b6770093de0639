import NexyCore

/// Lines of `KEY=value`, as `config.env` has them: `export`, quotation marks and comments stay as they are.
enum SettingLine {
  /// The values of a key; a key with nothing after it is how a template is shipped, and says nothing.
  static func occurrences(of name: String, in bytes: [UInt8]) -> [VersionOccurrence] {
    var occurrences: [VersionOccurrence] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard let range = value(of: name, in: line), !range.isEmpty else { continue }
      occurrences.append(
        VersionOccurrence(range: range, line: index + 1, text: String(decoding: bytes[range], as: UTF8.self)))
    }
    return occurrences
  }

  /// Where the value stands, without its quotation marks; nil for another line.
  private static func value(of name: String, in line: ArraySlice<UInt8>) -> Range<Int>? {
    var rest = line.drop(while: isBlank)
    if rest.starts(with: "export ".utf8) { rest = rest.dropFirst("export ".utf8.count).drop(while: isBlank) }
    guard rest.starts(with: name.utf8) else { return nil }
    rest = rest.dropFirst(name.utf8.count).drop(while: isBlank)
    guard rest.first == UInt8(ascii: "=") else { return nil }
    rest = rest.dropFirst().drop(while: isBlank)
    if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      rest = rest.dropFirst()
      return rest.firstIndex(of: quote).map { rest.startIndex..<$0 }
    }
    // An unquoted value ends where a comment begins.
    var end = rest.startIndex
    while end < rest.endIndex {
      if rest[end] == UInt8(ascii: "#"), end > rest.startIndex, isBlank(rest[end - 1]) { break }
      end += 1
    }
    while end > rest.startIndex, isBlank(rest[end - 1]) { end -= 1 }
    return rest.startIndex..<end
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
