/// What stands after a terminator and its white space.
struct Upcoming {
  enum Kind {
    /// A blank line, a list item, a heading: nothing of this sentence.
    case paragraph
    case lower, upper, digit
    case terminator
    case end
    case other
  }

  let kind: Kind
  let hasNewline: Bool
  /// Where the word begins, behind opening marks and dashes.
  let offset: Int
}

/// A word that follows a terminator.
struct FollowingWord {
  /// In lower case, without what follows an apostrophe.
  let lowercased: String
  /// Only the first letter is a capital.
  let isSentenceLike: Bool
  let end: Int
  let isFollowedByDot: Bool

  /// Begins a sentence, as "The" does and "Smith" does not; "С." is an initial.
  var startsSentence: Bool {
    Abbreviation.sentenceStarters.contains(lowercased) && !isInitial
  }

  var isInitial: Bool { lowercased.unicodeScalars.count == 1 && isFollowedByDot }
  var isTitle: Bool { ["mr", "mrs", "ms", "dr", "prof"].contains(lowercased) }

  /// A letter or a Roman number, as in "Fig. B" and "vol. IV".
  var isOrdinal: Bool {
    lowercased.unicodeScalars.count == 1 || !isSentenceLike && lowercased.allSatisfy { "ivxlc".contains($0) }
  }

  /// Tells whether the word stands as words of a sentence do, not as a part of a file name or an address.
  func endsLikeWord(in text: StreamedText) throws(NeedsMoreText) -> Bool {
    let glyph = try text.glyph(at: end)
    switch glyph.kind {
    case .space, .newline, .edge, .exclamation, .ellipsis, .apostrophe, .closer: return true
    case .dot:
      let next = try text.glyph(at: glyph.next)
      return next.kind.isSpace || next.kind == .edge || next.kind == .upper
    default: return glyph == "," || glyph == ":" || glyph == ";"
    }
  }
}

extension AbbreviatedWord {
  var isNumber: Bool { spelling.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ",") } }
}

extension StreamedText {
  /// What stands behind the white space at an offset.
  func upcoming(from offset: Int) throws(NeedsMoreText) -> Upcoming {
    var cursor = try glyph(at: offset)
    var newlines = 0
    var spaces = 0
    while cursor.kind.isSpace {
      spaces += 1
      if cursor.kind == .newline { newlines += 1 }
      if newlines == 2 || spaces > Self.reach {
        return Upcoming(kind: .paragraph, hasNewline: true, offset: cursor.offset)
      }
      cursor = try glyph(at: cursor.next)
    }
    if newlines == 1, try beginsBlock(at: cursor.offset) {
      return Upcoming(kind: .paragraph, hasNewline: true, offset: cursor.offset)
    }
    let word = try glyphBehindMarks(at: cursor)
    return Upcoming(kind: Upcoming.Kind(word), hasNewline: newlines > 0, offset: word.offset)
  }

  /// The first character behind quotation marks, brackets and a dash.
  private func glyphBehindMarks(at first: Glyph) throws(NeedsMoreText) -> Glyph {
    var cursor = first
    var mayBeSpace = false
    for _ in 0..<8 {
      switch cursor.kind {
      case .opener, .quote, .apostrophe, .markup, .extender: break
      case .dash: mayBeSpace = true
      case .space where mayBeSpace: break
      default:
        return cursor
      }
      cursor = try glyph(at: cursor.next)
    }
    return cursor
  }

  /// The word that begins at an offset; nil if it is longer than any the tables hold.
  func word(at offset: Int) throws(NeedsMoreText) -> FollowingWord? {
    var cursor = try glyph(at: offset)
    var capitals = 0
    var letters = 0
    while cursor.kind.isLetter || cursor.kind == .extender {
      letters += 1
      guard letters <= 20 else { return nil }
      if cursor.kind == .upper { capitals += 1 }
      cursor = try glyph(at: cursor.next)
    }
    guard letters > 0 else { return nil }
    return FollowingWord(
      lowercased: string(offset..<cursor.offset).lowercased(), isSentenceLike: capitals == 1, end: cursor.offset,
      isFollowedByDot: cursor.kind == .dot)
  }

  /// The word before a terminator; nil where it is too long for an abbreviation or part of an address.
  func word(before offset: Int, floor: Int) -> AbbreviatedWord? {
    guard let begin = beginningOfWord(before: offset, floor: floor, longest: 20), begin < offset else { return nil }
    let boundary = glyph(before: begin, floor: floor)
    switch boundary.kind {
    case .other where boundary != "," && boundary != ";" && boundary != ":": return nil
    case .lower, .upper, .letter, .digit, .exclamation: return nil
    default: break
    }
    let end = endOfText(before: begin, floor: floor)
    let previous = beginningOfWord(before: end, floor: floor, longest: 12) ?? end
    return AbbreviatedWord(
      spelling: string(begin..<offset), offset: begin, text: self, previousRange: previous..<end)
  }

  /// Where the letters, digits and inner marks begin that end at an offset; nil if they are more than the longest.
  private func beginningOfWord(before offset: Int, floor: Int, longest: Int) -> Int? {
    var begin = offset
    for _ in 0...longest {
      let glyph = glyph(before: begin, floor: floor)
      guard glyph.isInWord else {
        // What quotes or lists the word is no part of it.
        while begin < offset, bytes[begin] == UInt8(ascii: "'") || bytes[begin] == UInt8(ascii: ".") { begin += 1 }
        return begin
      }
      begin = glyph.offset
    }
    return nil
  }
}

extension Glyph {
  fileprivate static func != (glyph: Glyph, character: Unicode.Scalar) -> Bool { !(glyph == character) }

  /// Stands before a number: a currency, "#", "+", "№", "§", "±" or "≈".
  fileprivate var beginsNumber: Bool {
    switch scalar {
    case 0x23, 0x24, 0x2B, 0xA3, 0xA5, 0xA7, 0xB1, 0x20A0...0x20CF, 0x2116, 0x2248: true
    default: false
    }
  }

  /// May stand in a word: letters and digits, and the marks of "U.S", "г-н", "Let's", "N°", "№".
  fileprivate var isInWord: Bool {
    switch kind {
    case .lower, .upper, .letter, .digit, .dot, .apostrophe, .extender: true
    default: scalar == 0x2D || scalar == 0xB0 || scalar == 0xBA || scalar == 0x2116
    }
  }
}

extension Upcoming.Kind {
  fileprivate init(_ glyph: Glyph) {
    self =
      switch glyph.kind {
      case .lower: .lower
      case .upper, .letter: .upper
      case .digit: .digit
      case .dot, .ellipsis, .exclamation, .wideStop: .terminator
      case .edge: .end
      case .bullet: .paragraph
      case .other where glyph.beginsNumber: .digit
      default: .other
      }
  }
}
