import NexyCore

/// Reads `config.env`: `KEY=value` lines as a shell's `source` and Python's dotenv read them.
///
/// Comments, `export`, single and double quotes are understood; a line that is none of these is refused with its number.
package enum EnvironmentFile {
  /// The values of the file by name; the last of two lines of one name counts.
  ///
  /// - Throws: `NexyError` with code `badSettings` that names the file and the line, and does not repeat it.
  package static func parse(_ text: String, path: String) throws -> [String: String] {
    var values: [String: String] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      var line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("export ") { line = line.dropFirst("export ".count).trimmed }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, isName(parts[0].trimmed), let value = value(parts[1].trimmed) else {
        // The line is not repeated: it may hold a secret.
        throw NexyError(
          .badSettings, "\(path), line \(index + 1): expected KEY=value; correct the line or comment it out with #.")
      }
      values[parts[0].trimmed] = value
    }
    return values
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetterOrDigit($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// The value of what stands after `=`; nil when a quote is left open.
  private static func value(_ text: String) -> String? {
    if let quote = text.first, quote == "\"" || quote == "'" { return quoted(text.dropFirst(), by: quote) }
    // An unquoted value ends where a comment begins.
    var end = text.startIndex
    while end < text.endIndex {
      if text[end] == "#", end > text.startIndex, text[text.index(before: end)].isWhitespace { break }
      end = text.index(after: end)
    }
    return text[..<end].trimmed
  }

  /// Up to the closing quote; between double quotes a backslash keeps a quote or a backslash.
  private static func quoted(_ text: some StringProtocol, by quote: Character) -> String? {
    var value = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if character == quote { return value }
      if quote == "\"", character == "\\", let next = rest.first, next == "\"" || next == "\\" {
        value.append(rest.removeFirst())
      } else {
        value.append(character)
      }
    }
    return nil
  }
}
