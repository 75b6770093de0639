/// Cuts a text that streams in into sentences, each as soon as nothing that follows could extend it.
///
/// Every decision reads a bounded piece of text around the place it is about and throws ``NeedsMoreText`` where that
/// piece has not come yet, so the sentences do not depend on how the stream is cut. English and Russian are known;
/// other scripts end their sentences at their full stops.
///
/// Nothing is lost: the sentences joined are the text, as each carries its own leading white space.
package struct SentenceSegmenter: Sendable {
  /// The longest sentence, in bytes; a longer one is cut at its last white space, so that speech can start.
  package static let longestSentence = 4096
  /// How long a quotation or parenthesis keeps its sentences together, in bytes.
  static let longestHold = 200
  /// A line shorter than this, in characters, was not wrapped: the newline after it means something.
  static let shortLine = 40
  /// A sentence of at most so many characters at the beginning of a quotation waits to see what follows the quotation.
  static let shortQuote = 10

  var text = StreamedText()
  /// Where the sentence under way begins.
  var start = 0
  /// The first character not yet looked at.
  var position = 0
  var previous = GlyphKind.space
  var state = SentenceState()
  /// Only white space has been seen since the last newline.
  var beginsLine = true
  /// The text has more than one line.
  var hasLines = false
  /// The characters seen since the last newline.
  var lineLength = 0
  /// The marker of the last list item, which the next sentence may follow.
  var lastMarker: ListMarker?
  /// This text writes its ellipses with spaces (". . ."), so a full stop may begin one.
  var spacesEllipses = false

  package init() {}

  /// Takes the next bytes of a UTF-8 text, cut anywhere, and returns the sentences now known to be whole.
  package mutating func feed(_ bytes: some Sequence<UInt8>) -> [String] {
    text.bytes.append(contentsOf: bytes)
    return scan()
  }

  /// The model has paused: returns the finished sentences that only a continuation could extend, keeps the rest.
  ///
  /// What ends in a terminator counts as finished ("It costs 3."), except a lone list marker ("1.") and a word that needs
  /// the next one ("I met Dr.").
  package mutating func stall() -> [String] {
    guard let end = endOfTerminatedText() else { return [] }
    text.isOver = true
    defer { text.isOver = false }
    var sentences = scan(upTo: end)
    if state.hasContent { sentences.append(take(upTo: end)) }
    return sentences + scan()
  }

  /// The text is over: returns what is left, whether it has a terminator or not, and begins anew.
  package mutating func finish() -> [String] {
    text.isOver = true
    var sentences = scan()
    if text.endOfText(before: text.bytes.count, floor: start) > start {
      sentences.append(text.string(start..<text.bytes.count))
    }
    self = SentenceSegmenter()
    return sentences
  }

  /// The sentences of a whole text, trimmed, each on one line.
  package static func sentences(of text: String) -> [String] {
    var segmenter = SentenceSegmenter()
    let sentences = segmenter.feed(text.utf8) + segmenter.finish()
    return sentences.map(onOneLine).filter { !$0.isEmpty }
  }

  /// Without white space around, and with one space for each newline and the white space around it.
  package static func onOneLine(_ sentence: String) -> String {
    var line = String.UnicodeScalarView()
    var gap = String.UnicodeScalarView()
    for scalar in sentence.unicodeScalars {
      guard !scalar.properties.isWhitespace else {
        gap.append(scalar)
        continue
      }
      let hasNewline = gap.contains { GlyphKind(scalar: $0.value) == .newline }
      if !line.isEmpty { line.append(contentsOf: hasNewline ? " ".unicodeScalars : gap) }
      gap.removeAll()
      line.append(scalar)
    }
    return String(line)
  }
}

/// What the segmenter knows of the sentence under way.
struct SentenceState {
  /// Something that can be spoken has been seen; before that, nothing ends the sentence.
  var hasContent = false
  var contentStart = 0
  var startsLower = false
  var isHeading = false
  var isListItem = false
  /// Begins with a quotation mark.
  var isQuoted = false
  /// Has a dash, so that "— Кто там? — спросил он." or "voila! -- you have" may follow.
  var hasDash = false
  /// The marker that began the sentence, while its list may go on in the same line.
  var marker: ListMarker?
  /// Brackets and quotations that opened within the sentence and are still open.
  var brackets = 0
  var quoteIsOpen = false
  var heldSince = 0
}

// The scan, which looks at each character once, in order.
extension SentenceSegmenter {
  private mutating func scan() -> [String] {
    let sentences = scan(upTo: .max)
    if start > 0 {
      text.bytes.removeFirst(start)
      position -= start
      state.contentStart -= start
      state.heldSince -= start
      start = 0
    }
    return sentences
  }

  private mutating func scan(upTo end: Int) -> [String] {
    var sentences: [String] = []
    do throws(NeedsMoreText) {
      while position < min(end, text.bytes.count) {
        skipWord()
        guard position < text.bytes.count else { break }
        let glyph = try text.glyph(at: position)
        if let end = try look(at: glyph) {
          sentences.append(take(upTo: end - start > Self.longestSentence ? endOfLongSentence() : end))
        } else if position - start > Self.longestSentence {
          sentences.append(take(upTo: endOfLongSentence()))
        }
      }
    } catch {
      // The decision is taken again when more has come.
    }
    return sentences
  }

  /// The fast path: the ASCII letters and digits within a word decide nothing.
  private mutating func skipWord() {
    guard state.hasContent, !previous.isSpace else { return }
    let from = position
    let end = min(text.bytes.count, start + Self.longestSentence)
    while position < end {
      let byte = text.bytes[position]
      guard byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte.isDigit else { break }
      position += 1
    }
    guard position > from else { return }
    lineLength += position - from
    previous = .lower
  }

  /// Looks at one character: moves past it, or returns where the sentence ends.
  private mutating func look(at glyph: Glyph) throws(NeedsMoreText) -> Int? {
    switch glyph.kind {
    case .lower, .upper, .letter, .digit:
      if state.hasContent {
        if try beginsNextItem(at: glyph) { return text.endOfText(before: position, floor: start) }
      } else if let marker = try text.marker(at: position, mayBeComposed: mayBeComposed) {
        begin(with: marker)
        return nil
      } else {
        begin(with: glyph)
      }
    case .newline:
      if state.hasContent, try lineEndsSentence(at: glyph) {
        return text.endOfText(before: position, floor: start)
      }
    case .dot, .ellipsis, .exclamation, .wideStop:
      if state.hasContent {
        switch try ending(at: glyph) {
        case .ends(let end): return end
        case .goesOn(let next):
          if glyph.kind == .dot, previous.isSpace, try text.glyph(at: glyph.next).kind == .space {
            spacesEllipses = true
          }
          advance(to: next, past: glyph.kind)
          return nil
        }
      }
    case .bullet where state.hasContent && previous.isSpace:
      return text.endOfText(before: position, floor: start)
    case .opener, .closer, .quote: hold(glyph)
    case .dash where previous.isSpace: state.hasDash = true
    case .emoji: begin(with: glyph)
    case .other where !((beginsLine || state.isHeading) && glyph.isBlockMark): begin(with: glyph)
    default: break
    }
    noteBeginning(glyph)
    advance(to: glyph.next, past: glyph.kind)
    return nil
  }

  /// A number such as "3.14." is a decimal, but where a line of several or a heading begins it is a section's.
  private var mayBeComposed: Bool { beginsLine && hasLines || state.isHeading }

  private mutating func begin(with glyph: Glyph) {
    guard !state.hasContent else { return }
    state.hasContent = true
    state.contentStart = glyph.offset
    state.startsLower = glyph.kind == .lower
  }

  private mutating func begin(with marker: ListMarker) {
    // A letter that is not the first of its list may be an abbreviation: "г. Москва, ул. Ленина, д. 5".
    let isNumber = if case .number = marker.ordinal { true } else { false }
    if isNumber || marker.isFirst || lastMarker.map(marker.follows) ?? false {
      state.marker = marker
      lastMarker = marker
    }
    if beginsLine { state.isListItem = true }
    advance(to: marker.end, past: .dot)
  }

  /// Notes what the first characters of a sentence tell of it.
  private mutating func noteBeginning(_ glyph: Glyph) {
    guard !state.hasContent else { return }
    switch glyph.kind {
    case .dash: if beginsLine { state.isListItem = true }
    case .quote, .opener: state.isQuoted = true
    case .bullet: state.isListItem = true
    case .markup, .other:
      guard beginsLine else { break }
      if glyph == "#" { state.isHeading = true } else { state.isListItem = true }
    default: break
    }
  }

  /// Opens or closes a bracket or quotation that keeps the sentences within it together.
  private mutating func hold(_ glyph: Glyph) {
    let opensHere = previous.isSpace || previous == .opener || previous == .dash || previous == .markup
    switch glyph.kind {
    case .quote where !opensHere: state.quoteIsOpen = false
    case .closer: state.brackets = max(0, state.brackets - 1)
    case .opener where glyph.scalar == 0x201C && !opensHere: state.brackets = max(0, state.brackets - 1)
    case .opener where previous == .other: break  // The mouth of ":("
    case .opener, .quote:
      guard state.hasContent else { break }
      if !state.quoteIsOpen, state.brackets == 0 { state.heldSince = position }
      if glyph.kind == .quote { state.quoteIsOpen.toggle() } else { state.brackets += 1 }
    default: break
    }
  }

  private mutating func advance(to next: Int, past kind: GlyphKind) {
    if kind == .newline {
      beginsLine = true
      hasLines = true
      lineLength = 0
    } else {
      if kind != .space { beginsLine = false }
      lineLength += 1
    }
    position = next
    if kind != .extender { previous = kind }
  }

  /// Ends the sentence under way and begins the next, which is looked at from its first character.
  private mutating func take(upTo end: Int) -> String {
    let sentence = text.string(start..<end)
    state = SentenceState()
    start = end
    position = end
    previous = .other
    return sentence
  }

  /// Where a sentence is cut that is too long: before the last white space of its second half, else in a word.
  private func endOfLongSentence() -> Int {
    let floor = start + Self.longestSentence / 2
    var longest = start + Self.longestSentence
    while longest > floor, text.bytes[longest] & 0xC0 == 0x80 { longest -= 1 }
    var offset = longest
    while offset > floor {
      let glyph = text.glyph(before: offset, floor: start)
      if glyph.kind.isSpace {
        let end = text.endOfText(before: offset, floor: floor)
        return end > floor ? end : longest
      }
      offset = glyph.offset
    }
    return longest
  }

  /// Where the text ends that has come, without white space, if it ends in a terminator.
  private func endOfTerminatedText() -> Int? {
    let end = text.endOfText(before: text.bytes.count, floor: start)
    var offset = end
    for _ in 0..<StreamedText.reach {
      let glyph = text.glyph(before: offset, floor: start)
      if glyph.kind.isTerminator {
        let word = glyph.kind == .dot ? text.word(before: glyph.offset, floor: start) : nil
        return word?.abbreviation == .prefix ? nil : end
      }
      guard glyph.kind.closesSentence else { return nil }
      offset = glyph.offset
    }
    return nil
  }
}

extension GlyphKind {
  /// May stand between a terminator and the white space after it.
  var closesSentence: Bool {
    switch self {
    case .closer, .quote, .apostrophe, .markup, .emoji, .extender: true
    default: false
    }
  }
}

extension Glyph {
  /// Begins a heading, a quotation, a table row or a list item of Markdown.
  fileprivate var isBlockMark: Bool { self == "#" || self == ">" || self == "|" || self == "+" }
}
