import NexyCore
import Yams

/// A dotted key of a YAML file, in sections or on one line; the file's text stays as it is around the value.
enum YAMLKey {
  /// - Throws: `PlaceProblem` for a file that is no YAML, and for a value that is no plain or quoted text on one line.
  static func occurrences(of key: String, in bytes: [UInt8], text: String) throws(PlaceProblem) -> [VersionOccurrence] {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch { throw PlaceProblem(reason: "it is no valid YAML") }
    guard case .mapping(let mapping)? = root else { return [] }
    var occurrences: [VersionOccurrence] = []
    for value in values(of: key, in: mapping, below: "") {
      guard case .scalar(let scalar) = value, let mark = scalar.mark, let range = range(of: scalar.string, mark, bytes)
      else { throw PlaceProblem(reason: "\(key) is written in a way that cannot be changed in its place") }
      // A key with nothing after it says nothing.
      guard !scalar.string.isEmpty else { continue }
      occurrences.append(VersionOccurrence(range: range, line: mark.line, text: scalar.string))
    }
    return occurrences
  }

  private static func values(of key: String, in mapping: Node.Mapping, below prefix: String) -> [Node] {
    mapping.flatMap { name, value -> [Node] in
      let name = prefix + (name.string ?? "?")
      if name == key { return [value] }
      guard key.hasPrefix(name + "."), case .mapping(let inner) = value else { return [] }
      return values(of: key, in: inner, below: name + ".")
    }
  }

  /// The bytes of a value without its quotation marks; nil where they are not just its text.
  private static func range(of text: String, _ mark: Mark, _ bytes: [UInt8]) -> Range<Int>? {
    if text.isEmpty { return 0..<0 }
    let lines = bytes.split(separator: 0x0A, maxSplits: mark.line, omittingEmptySubsequences: false)
    guard mark.line >= 1, mark.line <= lines.count else { return nil }
    let line = lines[mark.line - 1]
    // Marks count characters of Unicode.
    let before = String(decoding: line, as: UTF8.self).unicodeScalars.prefix(mark.column - 1)
    var start = line.startIndex + before.reduce(0) { $0 + UTF8.width($1) }
    let quote = start < line.endIndex ? line[start] : 0
    let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    if isQuoted { start += 1 }
    let end = start + text.utf8.count
    guard end <= line.endIndex, bytes[start..<end].elementsEqual(text.utf8),
      !isQuoted || end < line.endIndex && line[end] == quote
    else { return nil }
    return start..<end
  }
}
