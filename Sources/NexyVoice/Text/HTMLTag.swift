/// A tag, a comment or an address in angle brackets; "a < b" and `Array<Int>` are none of them.
struct HTMLTag {
  enum Kind: Equatable {
    case element(isBlock: Bool)
    case comment
    case address
  }

  let kind: Kind
  /// The name and attributes, or the address.
  let contentStart: Int
  let contentEnd: Int
  /// Where the text goes on.
  let end: Int

  private static let spans: Set<String> = [
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "tt", "u", "var", "wbr",
  ]
  private static let blocks: Set<String> = [
    "blockquote", "body", "br", "button", "center", "details", "div", "dd", "dl", "dt", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "head", "header", "hr", "html", "img", "input", "li", "main", "nav", "ol", "p", "pre", "script",
    "section", "style", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
  ]
  private static let longestName = 10

  /// Reads what begins with the `<` at `start`.
  static func read(in text: [Unicode.Scalar], at start: Int) -> HTMLTag? {
    if text[start...].starts(with: "<!--".unicodeScalars) { return readComment(in: text, at: start) }
    let inside = text[(start + 1)...].prefix { $0 != "<" && $0 != ">" }
    let close = inside.endIndex
    guard close < text.count, text[close] == ">" else { return nil }
    if isAddress(inside) {
      return HTMLTag(kind: .address, contentStart: start + 1, contentEnd: close, end: close + 1)
    }
    let content = inside.first == "/" ? inside.dropFirst() : inside
    let letters = content.prefix(longestName + 1).prefix { $0.isASCII && $0.isWordPart }
    let name = letters.reduce(into: "") { $0.unicodeScalars.append($1) }.lowercased()
    let isBlock = blocks.contains(name)
    guard isBlock || spans.contains(name), isEnd(content[letters.endIndex...]) else { return nil }
    return HTMLTag(
      kind: .element(isBlock: isBlock), contentStart: content.startIndex,
      contentEnd: content.last == "/" ? close - 1 : close, end: close + 1)
  }

  private static func readComment(in text: [Unicode.Scalar], at start: Int) -> HTMLTag? {
    var index = start + 4
    // Other markup ends the search, which keeps the reading of a text linear.
    while index + 2 < text.count, text[index] != "<" {
      if text[index] == "-", text[index + 1] == "-", text[index + 2] == ">" {
        return HTMLTag(kind: .comment, contentStart: start + 4, contentEnd: index, end: index + 3)
      }
      index += 1
    }
    return nil
  }

  /// Whether `rest` can end a tag: nothing, a slash, or attributes with quoted values; "a <b and c> d" has words there.
  private static func isEnd(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    let words = rest.drop { $0 == " " }
    if words.isEmpty || words.elementsEqual("/".unicodeScalars) { return true }
    return rest.first == " "
      && zip(words, words.dropFirst()).contains { $0 == "=" && ($1 == "\"" || $1 == "'" || $1 == "“") }
  }

  private static func isAddress(_ inside: ArraySlice<Unicode.Scalar>) -> Bool {
    guard !inside.contains(" ") else { return false }
    if SpokenLink.hasScheme(inside) { return true }
    guard let at = inside.firstIndex(of: "@"), at > inside.startIndex else { return false }
    return inside[at...].contains(".")
  }
}
