import NexyCore

/// A line without what Markdown and HTML put around its words.
struct MarkdownSpans {
  private let text: [Unicode.Scalar]
  private let language: Language
  private let brackets: BracketPairs
  /// What stands after the markers at each place.
  private let following: [Unicode.Scalar?]
  private var spoken: [Unicode.Scalar] = []
  private var index = 0
  /// Where the text goes on from a place that was found to close something.
  private var jumps: [Int: Int] = [:]
  private var isInCode = false

  /// - Parameter text: One line; its runs of blanks are collapsed too.
  static func stripped(_ text: [Unicode.Scalar], language: Language) -> [Unicode.Scalar] {
    var spans = MarkdownSpans(text, language: language)
    spans.read()
    return spans.spoken
  }

  static func isMarker(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "*" || scalar == "_" || scalar == "~" || scalar == "`"
  }

  private init(_ text: [Unicode.Scalar], language: Language) {
    self.text = text
    self.language = language
    brackets = BracketPairs(of: text)
    var following = [Unicode.Scalar?](repeating: nil, count: text.count)
    var next: Unicode.Scalar?
    for index in text.indices.reversed() {
      if !Self.isMarker(text[index]) { next = text[index] }
      following[index] = next
    }
    self.following = following
    spoken.reserveCapacity(text.count)
  }

  private mutating func read() {
    while index < text.count {
      if let next = jumps[index] {
        index = next
      } else if !readMarkup() {
        say(text[index])
        index += 1
      }
    }
    while spoken.last == " " { spoken.removeLast() }
  }

  private mutating func say(_ scalar: Unicode.Scalar) {
    if scalar == " ", spoken.isEmpty || spoken.last == " " { return }
    spoken.append(scalar)
  }

  private mutating func say(_ scalars: some Sequence<Unicode.Scalar>) {
    for scalar in scalars { say(scalar) }
  }

  /// Reads what begins here, if it is more than a character of text.
  private mutating func readMarkup() -> Bool {
    switch text[index] {
    case "`", "*", "_", "~": readMarkers()
    case "\\": readEscape()
    case "!": return index + 1 < text.count && text[index + 1] == "[" && readLink(at: index + 1)
    case "[": return readLink(at: index) || readFootnote()
    case "<": return readTag()
    case "h", "H", "f", "F", "w", "W", "m", "M": return readAddress()
    default: return false
    }
    return true
  }

  // MARK: Emphasis, code and escapes

  private mutating func readMarkers() {
    let marker = text[index]
    let start = index
    while index < text.count, text[index] == marker, jumps[index] == nil { index += 1 }
    if marker == "`" {
      isInCode.toggle()
      return
    }
    if marker == "_", isInFileName(start..<index) {
      say(text[start..<index])
      return
    }
    let run = MarkerRun(marker: marker, count: index - start, before: spoken.last, after: following[start])
    if run.isText { say(text[start..<index]) }
  }

  /// Whether a run of underscores opens or closes a name like `__init__.py`, which is no emphasis.
  private func isInFileName(_ run: Range<Int>) -> Bool {
    func isName(_ index: Int) -> Bool {
      text.indices.contains(index) && (text[index].isWordPart || text[index] == "_")
    }
    // In the middle of a word it is text anyway.
    if isName(run.lowerBound - 1), isName(run.upperBound) { return false }
    var start = run.lowerBound
    while isName(start - 1) { start -= 1 }
    var end = run.upperBound
    while isName(end) { end += 1 }
    guard text[start] == "_", text[end - 1] == "_", end - start > run.count, end + 1 < text.count else { return false }
    return text[end] == "." && text[end + 1].isASCII && text[end + 1].isWordPart
  }

  /// Drops the backslashes before a character that Markdown would take for its own.
  private mutating func readEscape() {
    let end = text[index...].firstIndex { $0 != "\\" } ?? text.count
    switch end < text.count ? text[end] : " " {
    case "*", "_", "`", "#", "[", "]", "(", ")", "<", ">", "~", "|", "-", "+", ".", "!", "{", "}", "$":
      // Escaped, it is text, unless the next reading finds it to be a marker at the border of a word.
      say(text[end])
      index = end + 1
    default:
      say(text[index..<end])
      index = end
    }
  }

  // MARK: Links

  /// Reads `[name](address "title")` and `[name][reference]`; the name is then read as text.
  private mutating func readLink(at open: Int) -> Bool {
    let isAfterWord = open == index && index > 0 && text[index - 1].isWordPart
    guard !isAfterWord, let close = brackets.partner[open], close + 1 < text.count else { return false }
    let isEmpty = close == open + 1
    switch text[close + 1] {
    case "(":
      let end = brackets.partner[close + 1] ?? endOfWord(from: close + 2)
      guard let target = address(in: text[(close + 2)..<end]) else { return false }
      let next = min(end + 1, text.count)
      if isEmpty {
        // An image by that name alone has nothing to say.
        let name = open == index ? Array(target) : []
        say(SpokenLink(in: Array(target), at: 0)?.spoken(in: language) ?? name)
        index = next
        return true
      }
      jumps[close] = next
    case "[":
      guard !isEmpty, let end = brackets.partner[close + 1], !("0"..."9").contains(text[open + 1]) else { return false }
      jumps[close] = end + 1
    default: return false
    }
    index = open + 1
    return true
  }

  /// The address before a link's title; nil if words stand there instead.
  private func address(in target: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar>? {
    let address = target.drop { $0 == " " }.prefix { $0 != " " }
    let title = target[address.endIndex...].first { $0 != " " }
    return title == nil || title == "\"" || title == "'" || title == "(" ? address : nil
  }

  private func endOfWord(from start: Int) -> Int {
    text[start...].firstIndex(of: " ") ?? text.count
  }

  /// Drops `[^1]` after something said.
  private mutating func readFootnote() -> Bool {
    guard !spoken.isEmpty, let close = brackets.partner[index], text[index + 1] == "^" else { return false }
    let number = text[(index + 2)..<close]
    guard !number.isEmpty, number.allSatisfy({ ("0"..."9").contains($0) }) else { return false }
    index = close + 1
    return true
  }

  /// Names an address instead of spelling it.
  private mutating func readAddress() -> Bool {
    guard index == 0 || !SpokenLink.continues(text[index - 1]), let link = SpokenLink(in: text, at: index) else {
      return false
    }
    say(link.spoken(in: language))
    index = link.end
    return true
  }

  // MARK: HTML

  private mutating func readTag() -> Bool {
    guard let tag = HTMLTag.read(in: text, at: index) else { return false }
    switch tag.kind {
    case .address: jumps[tag.end - 1] = tag.end
    case .element where isInCode:
      // In code a tag is what is talked about.
      jumps[tag.contentEnd] = tag.end
    case .element(let isBlock):
      if isBlock { say(" ") }
      index = tag.end
      return true
    case .comment:
      index = tag.end
      return true
    }
    index = tag.contentStart
    return true
  }
}
