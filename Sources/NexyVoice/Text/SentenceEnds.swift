/// What a terminator does.
enum Ending {
  case ends(at: Int)
  /// The sentence goes on; the scan continues at the offset.
  case goesOn(from: Int)
}

/// A run of terminators and what closes behind it: `.`, `?!`, `...”`, `!» 😀`.
struct Tail {
  /// Where the run ends that the terminator begins.
  var runEnd = 0
  /// Where the closing marks end that follow it.
  var end = 0
  var dots = 0
  var ellipses = 0
  var exclamations = 0
  var wideStops = 0
  var closers = 0
  var closedBrackets = 0
  var closesQuote = false
  /// The character after all of it; nil where the tail is longer than the segmenter looks.
  var after: Glyph?

  var isSingleDot: Bool { dots == 1 && ellipses + exclamations + wideStops == 0 }
  var isEllipsis: Bool { exclamations + wideStops == 0 && (ellipses > 0 || dots > 1) }

  mutating func count(_ terminator: GlyphKind) {
    switch terminator {
    case .dot: dots += 1
    case .ellipsis: ellipses += 1
    case .exclamation: exclamations += 1
    default: wideStops += 1
    }
  }
}

// What the scan asks at a terminator, at a newline and at the beginning of a word.
extension SentenceSegmenter {
  /// Decides what a terminator does.
  func ending(at terminator: Glyph) throws(NeedsMoreText) -> Ending {
    let tail = try tail(at: terminator)
    let goesOn = Ending.goesOn(from: tail.runEnd)
    guard let after = tail.after, after.kind != .edge else { return goesOn }
    if isHeld(after: tail) || isBracketed(tail, at: terminator.offset) { return goesOn }
    if tail.wideStops > 0 { return .ends(at: tail.end) }
    if after.kind == .space, let end = try endOfQuotation(after: tail) { return .goesOn(from: end) }
    guard after.kind.isSpace else {
      guard tail.closers == 0, after.kind == .upper else { return goesOn }
      let isGlued = try gluedSentenceBegins(at: after, after: tail, at: terminator.offset)
      return isGlued ? .ends(at: tail.end) : goesOn
    }
    if tail.isSingleDot {
      let isSpaced = previous.isSpace
      if tail.closers == 0, after.kind == .space, isSpaced || spacesEllipses || state.isQuoted,
        let ending = try spacedEllipsis(from: terminator, isSpaced: isSpaced)
      {
        return ending
      }
      return try fullStopEnds(tail, at: terminator.offset) ? .ends(at: tail.end) : goesOn
    }
    let ends =
      try tail.isEllipsis
      ? ellipsisEnds(from: tail.end, isFirm: tail.dots > 3 || tail.ellipses > 0 && tail.dots > 0)
      : exclamationEnds(tail, at: terminator.offset)
    return ends ? .ends(at: tail.end) : goesOn
  }

  private func tail(at terminator: Glyph) throws(NeedsMoreText) -> Tail {
    var tail = Tail()
    var glyph = terminator
    for _ in 0..<StreamedText.reach {
      if glyph.kind.isTerminator {
        tail.count(glyph.kind)
        if tail.closers == 0 { tail.runEnd = glyph.next }
      } else if glyph.kind.closesSentence || glyph.scalar == 0x201C {
        tail.closers += 1
        if glyph.kind == .closer || glyph.kind == .opener { tail.closedBrackets += 1 }
        if glyph.kind == .quote { tail.closesQuote = true }
      } else if glyph == "[", let end = try endOfFootnote(at: glyph) {
        tail.closers += 1
        tail.end = end
        glyph = try text.glyph(at: end)
        continue
      } else {
        tail.after = glyph
        return tail
      }
      tail.end = glyph.next
      glyph = try text.glyph(at: glyph.next)
    }
    return tail
  }

  /// The end of a reference such as `[12]`.
  private func endOfFootnote(at bracket: Glyph) throws(NeedsMoreText) -> Int? {
    var glyph = try text.glyph(at: bracket.next)
    for _ in 0..<3 where glyph.kind == .digit { glyph = try text.glyph(at: glyph.next) }
    return glyph == "]" && glyph.offset > bracket.next ? glyph.next : nil
  }

  /// Tells whether a bracket or quotation that opened within the sentence is still open behind the tail.
  private func isHeld(after tail: Tail) -> Bool {
    let isOpen = state.brackets > tail.closedBrackets || state.quoteIsOpen && !tail.closesQuote
    return isOpen && tail.end - state.heldSince <= Self.longestHold
  }

  /// Tells of "[...]" and "(?)", which stand for something or comment on it.
  private func isBracketed(_ tail: Tail, at offset: Int) -> Bool {
    tail.closedBrackets > 0 && text.glyph(before: offset, floor: start).kind == .opener
  }

  /// Tells of "Hello world.Today": the next sentence follows without white space.
  private func gluedSentenceBegins(
    at first: Glyph, after tail: Tail, at offset: Int
  ) throws(NeedsMoreText) -> Bool {
    guard tail.isSingleDot || tail.exclamations > 0 && tail.dots == 0 else { return false }
    guard let word = text.word(before: offset, floor: start), !word.spelling.contains(".") else { return false }
    guard let next = try text.word(at: first.offset), next.isSentenceLike, try next.endsLikeWord(in: text) else {
      return false
    }
    if tail.exclamations > 0 { return !word.isExclaimingName }
    if next.startsSentence { return word.abbreviation == .none || word.isNumber }
    let isLower = word.spelling.unicodeScalars.allSatisfy { $0.properties.isLowercase }
    return isLower && word.abbreviation == .none && next.lowercased.count >= 4
  }

  /// Decides on a single full stop, by the word before it and the text after it.
  private func fullStopEnds(_ tail: Tail, at offset: Int) throws(NeedsMoreText) -> Bool {
    let word = text.word(before: offset, floor: start)
    let kind = word?.abbreviation ?? .none
    if kind == .none || kind == .perhaps && state.startsLower, tail.closers == 0 { return true }
    let next = try text.upcoming(from: tail.end)
    if next.kind == .paragraph { return true }
    if next.kind == .end || next.kind == .lower || next.kind == .terminator { return false }
    switch kind {
    case .none, .perhaps: return try !isCompleted(word, by: next)
    case .prefix: return false
    case .last:
      guard next.kind != .digit else { return word?.isNumber ?? false }
      return try !isCompleted(word, by: next)
    case .numbered:
      guard next.kind != .digit else { return false }
      guard next.kind == .upper, let following = try text.word(at: next.offset) else { return true }
      return following.startsSentence || !following.isOrdinal
    case .name, .initial:
      guard next.kind == .upper else { return next.kind == .other }
      guard let following = try text.word(at: next.offset) else { return false }
      return following.startsSentence || kind == .name && next.hasNewline && !following.isInitial
    case .time: return try timeEnds(before: next, at: offset)
    }
  }

  /// Tells of "5 долл. США".
  private func isCompleted(_ word: AbbreviatedWord?, by next: Upcoming) throws(NeedsMoreText) -> Bool {
    guard next.kind == .upper, let following = try text.word(at: next.offset) else { return false }
    return word?.isCompleted(by: following) ?? false
  }

  /// Where the scan goes on behind a short sentence that begins a quotation, if a small letter follows the quotation:
  /// `"Wait. Stop." he said`. A sentence too short to gain anything by going out first is all that waits for this.
  private func endOfQuotation(after tail: Tail) throws(NeedsMoreText) -> Int? {
    guard state.isQuoted, tail.closers == 0, var glyph = tail.after else { return nil }
    guard text.length(of: state.contentStart..<tail.end) <= Self.shortQuote else { return nil }
    var last = glyph
    for _ in 0..<StreamedText.reach {
      switch glyph.kind {
      case .edge, .newline, .opener: return nil
      case .quote, .closer:
        guard last.kind.isTerminator || last == "," else { return nil }
        let after = try text.glyph(at: glyph.next)
        guard after.kind.isSpace, try text.upcoming(from: glyph.next).kind == .lower else { return nil }
        return last.offset
      default: last = glyph
      }
      glyph = try text.glyph(at: glyph.next)
    }
    return nil
  }

  /// Decides on a time: "He left at 6 P.M. Mr. Smith came", but "At 5 a.m. Mr. Smith came".
  private func timeEnds(before next: Upcoming, at offset: Int) throws(NeedsMoreText) -> Bool {
    guard next.kind == .upper else { return next.kind == .other }
    guard let following = try text.word(at: next.offset) else { return !opensWithPhrase(before: offset) }
    if Abbreviation.afterTime.contains(following.lowercased) { return false }
    guard opensWithPhrase(before: offset) else { return true }
    return following.startsSentence && !following.isTitle && following.lowercased != "i"
  }

  /// Tells whether all that the sentence says so far is a phrase such as "At about 5 a.m" or "В 1990 г".
  private func opensWithPhrase(before offset: Int) -> Bool {
    guard offset - state.contentStart <= 40, let first = try? text.word(at: state.contentStart) else { return false }
    return Abbreviation.openingPrepositions.contains(first.lowercased)
      && !text.bytes[state.contentStart..<offset].contains(UInt8(ascii: ","))
  }

  /// Decides on an ellipsis by what follows; a firm one (four dots) includes a full stop.
  private func ellipsisEnds(
    from end: Int, isFirm: Bool, isSpaced: Bool = false
  ) throws(NeedsMoreText) -> Bool {
    let isOmission = isSpaced || text.glyph(before: position, floor: start).kind.isSpace
    let next = try text.upcoming(from: end)
    if next.kind == .paragraph || next.hasNewline { return true }
    switch next.kind {
    case .lower, .end, .terminator: return false
    case .upper where !isFirm:
      let following = try text.word(at: next.offset)
      // "I" has its capital everywhere, and a name may follow what is left out: "he went to ... Paris".
      return following?.lowercased != "i" && (!isOmission || following?.startsSentence ?? false)
    case .digit where isOmission: return isFirm
    default: return true
    }
  }

  /// Decides on an ellipsis with spaces, ". . .", from its first full stop; nil if it is none.
  private func spacedEllipsis(from dot: Glyph, isSpaced: Bool) throws(NeedsMoreText) -> Ending? {
    var last = dot
    var dots = 1
    var after = try text.glyph(at: dot.next)
    while dots < StreamedText.reach, after.kind == .space {
      let next = try text.glyph(at: after.next)
      guard next.kind == .dot else { break }
      (last, dots) = (next, dots + 1)
      after = try text.glyph(at: next.next)
    }
    if dots == 1 { return nil }
    // A closing mark behind the last full stop is for that one to decide about.
    guard after.kind.isSpace || after.kind == .edge else { return .goesOn(from: last.offset) }
    guard try ellipsisEnds(from: last.next, isFirm: dots > 3, isSpaced: isSpaced) else {
      return .goesOn(from: last.next)
    }
    // A sentence and an omission: the first full stop is the sentence's own.
    return .ends(at: dots > 3 && !isSpaced ? dot.next : last.next)
  }

  /// Decides on `!`, `?` and their runs, where a lower-case word may go on: "Yahoo! is", "Что?.. сказал он".
  private func exclamationEnds(_ tail: Tail, at offset: Int) throws(NeedsMoreText) -> Bool {
    let word = text.word(before: offset, floor: start)
    let isName = tail.exclamations == 1 && text.bytes[offset] == UInt8(ascii: "!") && word.map(mayExclaim) ?? false
    guard tail.closers > 0 || tail.dots > 0 || state.isQuoted || state.hasDash || isName else { return true }
    let next = try text.upcoming(from: tail.end)
    if next.kind == .paragraph || next.hasNewline { return true }
    if next.kind == .lower || next.kind == .end || next.kind == .terminator { return false }
    guard isName, next.kind == .upper, let word, word.isExclaimingName else { return true }
    return try text.word(at: next.offset)?.startsSentence ?? false
  }

  /// Tells whether an exclamation mark may be a part of a name; the capital of a first word tells nothing.
  private func mayExclaim(_ word: AbbreviatedWord) -> Bool {
    word.isCapitalised && (word.offset > state.contentStart || word.isExclaimingName)
  }

  /// Tells whether a line ends the sentence, though no terminator did.
  func lineEndsSentence(at newline: Glyph) throws(NeedsMoreText) -> Bool {
    if state.isHeading { return true }
    let last = text.glyph(before: text.endOfText(before: newline.offset, floor: start), floor: start)
    if last == ":" { return true }
    let next = try text.upcoming(from: newline.offset)
    if next.kind == .paragraph { return true }
    if last.kind.isTerminator { return state.brackets > 0 || state.quoteIsOpen }
    if last == "," || last.kind == .dash || last.kind == .opener { return false }
    switch next.kind {
    // Lines that all begin in lower case are a list; else a sentence was wrapped.
    case .lower: return state.startsLower
    case .upper, .digit: return state.isListItem || lineLength < Self.shortLine
    case .other: return true
    case .end, .terminator, .paragraph: return false
    }
  }

  /// Tells whether the next item of a list begins in the same line: "1. One 2. Two", "Steps: 1) one 2) two".
  func beginsNextItem(at first: Glyph) throws(NeedsMoreText) -> Bool {
    guard previous.isSpace, state.brackets == 0, !state.quoteIsOpen else { return false }
    let opensList = text.glyph(before: text.endOfText(before: first.offset, floor: start), floor: start) == ":"
    guard opensList || state.marker != nil else { return false }
    guard let marker = try text.marker(at: first.offset, mayBeComposed: false) else { return false }
    guard opensList && marker.isFirst || state.marker.map(marker.follows) ?? false else { return false }
    let space = try text.glyph(at: marker.end)
    guard space.kind.isSpace else { return false }
    if marker.hasParenthesis { return true }
    let next = try text.glyph(at: space.next)
    // "A. The first item B. The second item", but "A. Pushkin met B. Franklin".
    if first.kind == .upper { return try text.word(at: next.offset)?.startsSentence ?? false }
    return next.kind.isLetter || next.kind == .opener || next.kind == .quote || next.kind == .markup
  }
}
