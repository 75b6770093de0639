/// The lines of a sentence without what Markdown puts before, between and under them, joined to one.
///
/// An item of a list, a row of a table and what follows a heading are set off with a comma, where the line before them
/// has no punctuation, so that they are not heard as one phrase.
enum MarkdownLines {
  private typealias Line = ArraySlice<Unicode.Scalar>

  static func joined(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var joined: [Unicode.Scalar] = []
    var setsOffNext = false
    for part in text.split(separator: "\n") {
      var line = trimmed(part)
      var isSetOff = setsOffNext
      setsOffNext = false
      while let mark = stripMark(of: &line) {
        if mark == .item { isSetOff = true }
        if mark == .heading { setsOffNext = true }
      }
      guard !isRule(line), !isFence(line), !isDefinition(line) else { continue }
      if startsWithNumber(line) { isSetOff = true }
      var content = Array(line)
      if isRow(line) {
        content = cells(of: line)
        isSetOff = true
        setsOffNext = true
      }
      guard !content.isEmpty else { continue }
      if !joined.isEmpty {
        if isSetOff, endsWithoutPunctuation(joined) { joined.append(",") }
        joined.append(" ")
      }
      joined += content
    }
    return joined
  }

  // MARK: Marks before a line

  private enum Mark { case heading, quote, item, task }

  private static let taskBoxes = ["[ ] ", "[x] ", "[X] "]

  private static func stripMark(of line: inout Line) -> Mark? {
    guard let first = line.first else { return nil }
    let second = line.dropFirst().first
    switch first {
    case "#":
      let rest = line.drop { $0 == "#" }
      guard line.count - rest.count <= 6, rest.first == " " else { return nil }
      line = withoutClosingHashes(trimmed(rest))
      return .heading
    case ">":
      guard second != "=" else { return nil }
      line = trimmed(line.dropFirst())
      return .quote
    case "-", "*", "+":
      guard second == " ", !isRule(line) else { return nil }
      line = trimmed(line.dropFirst())
      return .item
    case "•", "‣", "◦", "▪", "●", "○", "∙":
      line = trimmed(line.dropFirst())
      return .item
    case "[":
      guard taskBoxes.contains(where: { line.starts(with: $0.unicodeScalars) }) else { return nil }
      line = trimmed(line.dropFirst(4))
      return .task
    default: return nil
    }
  }

  private static func withoutClosingHashes(_ line: Line) -> Line {
    guard let end = line.lastIndex(where: { $0 != "#" }) else { return line }
    return line[end] == " " ? trimmed(line[...end]) : line
  }

  private static func startsWithNumber(_ line: Line) -> Bool {
    let rest = line.drop { ("0"..."9").contains($0) }
    guard rest.count < line.count, let mark = rest.first else { return false }
    return (mark == "." || mark == ")") && rest.dropFirst().first == " "
  }

  // MARK: Lines that say nothing

  /// A horizontal rule, the line under a heading or between the rows of a table.
  private static func isRule(_ line: Line) -> Bool {
    let marks = line.count { $0 != " " }
    return marks >= 3
      && line.allSatisfy { scalar in
        switch scalar {
        case "-", "=", "_", "*", ":", "|", "+", "~", " ", "─"..."╿": true
        default: false
        }
      }
  }

  /// The line that opens a code block, with one word that names its language at most, or closes it.
  private static func isFence(_ line: Line) -> Bool {
    guard let mark = line.first, mark == "`" || mark == "~" else { return false }
    let rest = line.drop { $0 == mark }
    let isLanguage = trimmed(rest).allSatisfy { scalar in
      switch scalar {
      case "+", "-", "#", ".", "_": true
      default: scalar.isASCII && scalar.isWordPart
      }
    }
    return line.count - rest.count >= 3 && isLanguage
  }

  /// What a reference stands for: `[1]: https://example.com "Title"`.
  private static func isDefinition(_ line: Line) -> Bool {
    guard line.first == "[", let close = line.firstIndex(of: "]"), close > line.startIndex + 1 else { return false }
    let rest = line[(close + 1)...]
    guard rest.first == ":" else { return false }
    let target = trimmed(rest.dropFirst()).drop { $0 == "<" }
    guard let link = SpokenLink(in: Array(target), at: 0) else { return false }
    let title = trimmed(target.dropFirst(link.end).drop { $0 != " " })
    guard let first = title.first, let last = title.last else { return true }
    return title.count > 1 && (first == last ? first == "\"" || first == "'" : first == "(" && last == ")")
  }

  // MARK: Tables

  private static func isRow(_ line: Line) -> Bool {
    guard let first = line.first, line.contains("|") else { return false }
    if first == "|" || line.last == "|" { return true }
    return zip(line, zip(line.dropFirst(), line.dropFirst(2))).contains { $0 == " " && $1.0 == "|" && $1.1 == " " }
  }

  private static func cells(of row: Line) -> [Unicode.Scalar] {
    var joined: [Unicode.Scalar] = []
    for part in row.split(separator: "|") {
      let cell = trimmed(part)
      if cell.allSatisfy({ $0 == "-" || $0 == ":" || $0 == "=" }) { continue }
      if endsWithoutPunctuation(joined) { joined.append(",") }
      if !joined.isEmpty { joined.append(" ") }
      joined += cell
    }
    return joined
  }

  // MARK: Ends

  private static func trimmed(_ line: Line) -> Line {
    let rest = line.drop { $0 == " " }
    guard let end = rest.lastIndex(where: { $0 != " " }) else { return [] }
    return rest[...end]
  }

  private static func endsWithoutPunctuation(_ text: [Unicode.Scalar]) -> Bool {
    guard let last = text.last(where: { !MarkdownSpans.isMarker($0) }) else { return false }
    switch last {
    case ")", "]", "»", "”", "\"", "’", "'", "%", "°", "+", "#", "$", "€", "₽": return true
    default: return last.isWordPart
    }
  }
}
