/// Tells whether the bytes held back open a JSON reply or are plain text.
///
/// A reply's beginning is judged more strictly than its middle: there any object and any array is JSON, while text that
/// goes on may well contain brackets, so that only an object counts, by its first key and the colon after it. In the
/// code of a programming language even that is no reply, unless the code begins with it.
///
/// The file is long because the rules share one cursor over the held bytes, and each is understood by its neighbours.
struct ReplyOpening {
  enum Place { case start, text, code }

  enum Verdict: Equatable {
    /// More bytes are needed.
    case undecided
    /// JSON begins at this offset; what stands before it is what it is wrapped in.
    case json(from: Int)
    /// The members of an object begin at this offset, without a proper bracket before them.
    case members(from: Int)
    /// The inside of a JSON string that holds JSON begins at this offset.
    case string(from: Int)
    /// JSON whose quotes are escaped begins at this offset.
    case escaped(from: Int)
    /// All is something to drop.
    case nothing
    /// The first byte is text; the others are to be judged anew.
    case text
    /// A code fence opens before this offset.
    case code(upTo: Int)
  }

  /// What to do with bytes that were still undecided when the reply ended.
  enum Remainder { case text, nothing, truncated }

  private enum Fence { case none, plain, json, code }

  static let replyKeys = ["session_id", "text", "command", "args"].map { Array($0.utf8) }
  private static let openingKeys = replyKeys + ["event", "payload"].map { Array($0.utf8) }
  private static let json = Array("json".utf8)
  private static let literals = ["true", "false", "null"].map { Array($0.utf8) }
  private static let typographicQuotes = ["“", "”", "„", "«", "»"].map { Array($0.utf8) }
  private static let quoteEntities = ["&quot;", "&#34;", "&#39;", "&apos;"].map { Array($0.utf8) }
  /// No opening is longer; this bounds the work on a run of white space too.
  private static let longest = 512
  private static let longestTag = 64
  /// More wrapping of one kind than this is text.
  private static let mostWrappers = 4

  private(set) var verdict = Verdict.undecided
  /// What the fence around the JSON is made of, if there is one.
  private(set) var fenceMark: UInt8?
  /// What ends the quotes around the JSON, if there are some.
  private(set) var closer: UInt8?

  private let held: [UInt8]
  private let place: Place
  private var index = 0
  private var fence = Fence.none
  /// Where the code in a fence begins.
  private var codeStart = 0
  private var isInJSONTag = false
  private var hasWord = false
  private var bracket: Int?

  /// - Parameter held: At least one byte; the first one is not white space.
  init(_ held: [UInt8], at place: Place) {
    self.held = held
    self.place = place
    verdict = read()
    if verdict == .undecided, held.count > Self.longest {
      verdict = .text
      if place == .start, let bracket { verdict = .json(from: bracket) }
    }
    if verdict == .text, fence == .code { verdict = .code(upTo: codeStart) }
  }

  /// What the bytes are if no others follow.
  var remainder: Remainder {
    if let bracket {
      let isWholeArray = held[bracket] == ReplyByte.openBracket && held.contains(ReplyByte.closeBracket)
      if place == .start || fence != .none { return isWholeArray ? .nothing : .truncated }
      let isBare = held[(bracket + 1)...].allSatisfy { ReplyByte.isWhite($0) || ReplyByte.opens($0) }
      return isBare && !isInJSONTag ? .text : .truncated
    }
    switch held[0] {
    case ReplyByte.less: return place == .start || isInJSONTag ? .nothing : .text
    case ReplyByte.backTick, ReplyByte.tilde:
      if fence == .code { return .nothing }
      if held.contains(where: ReplyByte.isWord) { return .truncated }
      return place == .start ? .nothing : .text
    default: return .text
    }
  }

  /// Whether what comes next is JSON by what it is wrapped in.
  private var isLabelled: Bool { fence == .json || isInJSONTag }
  /// Whether a bracket that comes next opens JSON, unless there is a reason against it.
  private var isExpected: Bool { isLabelled || fence == .plain || (place == .start && fence != .code) }

  // MARK: What is read

  private var next: UInt8? { index < held.count ? held[index] : nil }

  private mutating func skip(while isSkipped: (UInt8) -> Bool) {
    while let byte = next, isSkipped(byte) { index += 1 }
  }

  private mutating func skipWhite() { skip(while: ReplyByte.isWhite) }

  /// Skips white space, escaped and unbreakable white space too.
  private mutating func skipGap() {
    skipWhite()
    while index + 1 < held.count {
      let isEscaped = held[index] == ReplyByte.backslash && "nrt".utf8.contains(held[index + 1])
      let isUnbreakable = held[index] == 0xC2 && held[index + 1] == 0xA0
      guard isEscaped || isUnbreakable else { return }
      index += 2
      skipWhite()
    }
  }

  private mutating func word() -> ArraySlice<UInt8> {
    let start = index
    skip(while: ReplyByte.isWord)
    return held[start..<index]
  }

  /// Whether a quote stands behind the backslashes here; nil if that is not known yet.
  private var isAtEscapedQuote: Bool? {
    guard next == ReplyByte.backslash else { return next == nil ? nil : false }
    guard let end = held[index...].firstIndex(where: { $0 != ReplyByte.backslash }) else { return nil }
    return held[end] == ReplyByte.quote
  }

  private mutating func skipEscapedQuote() {
    skip { $0 == ReplyByte.backslash }
    index += 1
  }

  private mutating func read() -> Verdict {
    if place == .code { return readObject() }
    var tags = 0
    while true {
      skipWhite()
      guard let byte = next else { return .undecided }
      switch byte {
      case ReplyByte.openBrace: return readObject()
      case ReplyByte.openBracket: return readArray()
      case ReplyByte.quote: return readQuote()
      case ReplyByte.apostrophe:
        if let verdict = readApostrophe() { return verdict }
      case ReplyByte.backTick where fence == .none, ReplyByte.tilde where fence == .none:
        if let verdict = readFence(of: byte) { return verdict }
      case ReplyByte.less where tags < Self.mostWrappers:
        tags += 1
        if let verdict = readTag() { return verdict }
      case ReplyByte.slash where isExpected:
        if let verdict = readComment() { return verdict }
      case Self.json[0] where place == .start && !hasWord, Self.json[0] & 0xDF where place == .start && !hasWord:
        if let verdict = readWordJSON() { return verdict }
      default: return .text
      }
    }
  }
}

// MARK: What JSON is wrapped in: a fence, a tag, quotes, a comment; nil when JSON may follow

extension ReplyOpening {
  private mutating func readFence(of mark: UInt8) -> Verdict? {
    let start = index
    skip { $0 == mark }
    if index - start < 3 {
      guard let byte = next else { return .undecided }
      guard mark == ReplyByte.backTick, ReplyByte.opens(byte) else { return .text }
      closer = mark
      return nil
    }
    fenceMark = mark
    skip { $0 == ReplyByte.blank }
    let language = word()
    if Self.isJSON(language, orItsBeginning: next == nil) {
      fence = language.isEmpty ? .plain : .json
      return nil
    }
    fence = .code
    skipWhite()
    codeStart = index
    guard let byte = next else { return .undecided }
    return ReplyByte.opens(byte) ? nil : .text
  }

  /// Whether a fence's language is none, JSON or a dialect of it.
  private static func isJSON(_ word: ArraySlice<UInt8>, orItsBeginning isCut: Bool) -> Bool {
    let lower = word.map { $0 | 0x20 }
    return lower.isEmpty || lower.starts(with: json) || (isCut && json.starts(with: lower))
  }

  /// Reads the word "json" and a colon after it.
  private mutating func readWordJSON() -> Verdict? {
    let word = word()
    guard Self.isJSON(word, orItsBeginning: next == nil), word.count <= Self.json.count else { return .text }
    if next == ReplyByte.colon { index += 1 }
    hasWord = true
    return nil
  }

  private mutating func readTag() -> Verdict? {
    let start = index + 1
    guard start < held.count else { return .undecided }
    let first = held[start]
    guard ReplyByte.isLetter(first) || "/|!?_".utf8.contains(first) else { return .text }
    let inside = held[start...].prefix { $0 != ReplyByte.greater && $0 != ReplyByte.less && $0 != ReplyByte.newline }
    guard inside.count <= Self.longestTag else { return .text }
    guard inside.endIndex < held.count else { return .undecided }
    guard held[inside.endIndex] == ReplyByte.greater else { return .text }
    index = inside.endIndex + 1
    let isClosing = first == ReplyByte.slash || first == ReplyByte.bar
    let isJSON = inside.dropFirst(isClosing ? 1 : 0).prefix(Self.json.count).map { $0 | 0x20 } == Self.json
    if isClosing, start == 1, isJSON || place == .start { return .nothing }
    if isJSON { isInJSONTag = !isClosing }
    return nil
  }

  private mutating func readComment() -> Verdict? {
    guard index + 1 < held.count else { return .undecided }
    switch held[index + 1] {
    case ReplyByte.slash:
      skip { $0 != ReplyByte.newline }
      return nil
    case ReplyByte.star:
      index += 2
      while index + 1 < held.count {
        if held[index] == ReplyByte.star, held[index + 1] == ReplyByte.slash {
          index += 2
          return nil
        }
        index += 1
      }
      return .undecided
    default: return .text
    }
  }

  private mutating func readApostrophe() -> Verdict? {
    index += 1
    guard let byte = next else { return .undecided }
    guard ReplyByte.opens(byte), closer == nil else { return .text }
    closer = ReplyByte.apostrophe
    return nil
  }

  /// Reads a quote around JSON, a string with JSON in it, or a key that lacks the bracket before it.
  private mutating func readQuote() -> Verdict {
    let quote = index
    index += 1
    if isExpected { skipGap() }
    guard let byte = next else { return .undecided }
    guard ReplyByte.opens(byte) || byte == ReplyByte.backslash else {
      return isExpected ? readMember(from: quote) : .text
    }
    let open = index
    for _ in 0..<Self.mostWrappers where next.map(ReplyByte.opens) == true {
      index += 1
      skipGap()
    }
    if open < index { bracket = open }
    guard let isString = isAtEscapedQuote else { return .undecided }
    if isString, open < index { return .string(from: quote + 1) }
    guard next == ReplyByte.quote, open < index else { return .text }
    closer = ReplyByte.quote
    index = open
    return byte == ReplyByte.openBrace ? readObject() : readArray()
  }

  private mutating func readMember(from quote: Int) -> Verdict {
    index = quote + 1
    let key = held[index...].prefix { $0 != ReplyByte.quote && $0 != ReplyByte.newline }
    let isCut = key.endIndex == held.count
    guard isLabelled || Self.openingKeys.contains(where: { isCut ? $0.starts(with: key) : $0.elementsEqual(key) })
    else { return .text }
    guard !isCut else { return .undecided }
    index = key.endIndex + 1
    skipWhite()
    guard let byte = next else { return .undecided }
    return byte == ReplyByte.colon && held[key.endIndex] == ReplyByte.quote ? .members(from: quote) : .text
  }
}

// MARK: Objects

extension ReplyOpening {
  /// The keys that make an object a reply; in the code of another language only the surest, which is the first.
  private var keys: ArraySlice<[UInt8]> { Self.openingKeys.prefix(place == .code ? 1 : Self.openingKeys.count) }

  private mutating func readObject() -> Verdict {
    index += 1
    let isDoubled = next == ReplyByte.openBrace
    if isDoubled { index += 1 }
    let brace = index - 1
    bracket = brace
    skipGap()
    let gap = index
    skip { $0 == ReplyByte.comma || ReplyByte.isWhite($0) }
    let start = index
    guard let byte = next else { return .undecided }
    let verdict = readFirst(byte, after: brace, isDoubled: isDoubled)
    if verdict == .json(from: brace), start > gap { return .members(from: start) }
    return verdict == .text && (isLabelled || fence == .plain) ? .json(from: brace) : verdict
  }

  /// Reads what stands first in an object.
  private mutating func readFirst(_ byte: UInt8, after brace: Int, isDoubled: Bool) -> Verdict {
    switch byte {
    case ReplyByte.quote: return readKey(after: brace, closedBy: byte)
    case ReplyByte.closeBrace where isExpected && !isDoubled: return .json(from: brace)
    // What follows is JSON to the eye, and malformed to the reader: it is not to be spoken either.
    case ReplyByte.apostrophe: return readKey(after: brace, closedBy: byte)
    case ReplyByte.slash where isExpected: return readInnerComment(after: brace)
    case ReplyByte.backslash where place != .code: return readEscapedKey(after: brace)
    case UInt8(ascii: "&") where place != .code: return readEntity(after: brace)
    case 0xC2 where place != .code, 0xE2 where place != .code: return readTypographicKey(after: brace)
    default: return ReplyByte.isWord(byte) ? readBareKey(after: brace) : .text
    }
  }

  private mutating func readKey(after brace: Int, closedBy quote: UInt8) -> Verdict {
    let start = index + 1
    index = start
    while let byte = next, byte != quote {
      if place != .start, byte == ReplyByte.newline || byte == ReplyByte.openBrace || byte == ReplyByte.closeBrace {
        return .text
      }
      index += byte == ReplyByte.backslash ? 2 : 1
    }
    let key = held[start..<min(index, held.count)]
    guard index < held.count else {
      return place != .code || keys.contains { $0.starts(with: key) } ? .undecided : .text
    }
    if keys.contains(where: { $0.elementsEqual(key) }) { return .json(from: brace) }
    guard place != .code else { return .text }
    index += 1
    return readColon(after: brace, isSure: quote == ReplyByte.quote || isExpected)
  }

  private mutating func readEscapedKey(after brace: Int) -> Verdict {
    guard let isKey = isAtEscapedQuote else { return .undecided }
    guard isKey else { return .text }
    skipEscapedQuote()
    skip { $0 != ReplyByte.backslash && $0 != ReplyByte.newline }
    guard let isClosed = isAtEscapedQuote else { return .undecided }
    guard isClosed else { return .text }
    skipEscapedQuote()
    skipGap()
    guard let byte = next else { return .undecided }
    return byte == ReplyByte.colon ? .escaped(from: brace) : .text
  }

  /// Reads a key in quotes that JSON does not know.
  private mutating func readTypographicKey(after brace: Int) -> Verdict {
    let ends = [ReplyByte.colon, ReplyByte.newline, ReplyByte.openBrace, ReplyByte.closeBrace]
    let key = held[index...].prefix { !ends.contains($0) }
    guard key.endIndex < held.count else { return .undecided }
    let end = key.lastIndex { !ReplyByte.isWhite($0) } ?? key.startIndex
    let isQuoted =
      Self.typographicQuotes.contains { key.starts(with: $0) }
      && Self.typographicQuotes.contains { key[...end].suffix($0.count).elementsEqual($0) }
    return isQuoted && held[key.endIndex] == ReplyByte.colon ? .json(from: brace) : .text
  }

  /// Reads the quote of JSON that was made fit for HTML.
  private func readEntity(after brace: Int) -> Verdict {
    for quote in Self.quoteEntities {
      let read = held[index...].prefix(quote.count)
      if read.elementsEqual(quote) { return .json(from: brace) }
      if index + read.count == held.count, quote.starts(with: read) { return .undecided }
    }
    return .text
  }

  private mutating func readBareKey(after brace: Int) -> Verdict {
    let key = word()
    let bareKeys = keys.prefix(isExpected ? keys.count : 1)
    let isKey = bareKeys.contains { next == nil ? $0.starts(with: key) : $0.elementsEqual(key) }
    return isKey || isExpected ? readColon(after: brace, isSure: isKey) : .text
  }

  /// - Parameter isSure: If not, what follows the colon must look like JSON as well.
  private mutating func readColon(after brace: Int, isSure: Bool) -> Verdict {
    skipGap()
    guard let byte = next else { return .undecided }
    guard byte == ReplyByte.colon else { return .text }
    if isSure { return .json(from: brace) }
    index += 1
    skipWhite()
    guard let value = next else { return .undecided }
    let isValue = value == ReplyByte.quote || value == ReplyByte.apostrophe || ReplyByte.opens(value)
    return isValue ? .json(from: brace) : .text
  }

  private mutating func readInnerComment(after brace: Int) -> Verdict {
    index += 1
    guard let byte = next else { return .undecided }
    return byte == ReplyByte.slash || byte == ReplyByte.star ? .json(from: brace) : .text
  }
}

// MARK: Arrays

extension ReplyOpening {
  private mutating func readArray() -> Verdict {
    let bracket = index
    self.bracket = bracket
    if isLabelled { return .json(from: bracket) }
    if isExpected { return readAnyArray() }
    for _ in 0..<Self.mostWrappers where next == ReplyByte.openBracket {
      index += 1
      skipWhite()
    }
    guard let byte = next else { return .undecided }
    guard byte == ReplyByte.openBrace else { return .text }
    let verdict = readObject()
    self.bracket = bracket
    return verdict == .undecided || verdict == .text ? verdict : .json(from: bracket)
  }

  /// Reads as much of an array as tells it from "[1] is the source" and "[note] read this".
  private mutating func readAnyArray() -> Verdict {
    let bracket = index
    while next == ReplyByte.openBracket {
      index += 1
      skipGap()
    }
    switch next {
    case nil: return .undecided
    case ReplyByte.openBrace, ReplyByte.quote: return .json(from: bracket)
    case ReplyByte.backslash: return isAtEscapedQuote.map { $0 ? .json(from: bracket) : .text } ?? .undecided
    case ReplyByte.closeBracket: return readArrayEnd(from: bracket)
    default: break
    }
    let scalar = word()
    guard let byte = next else {
      return ReplyTree.scalar(Array(scalar)) != nil || Self.mayBecomeScalar(scalar) ? .undecided : .text
    }
    guard !scalar.isEmpty, ReplyTree.scalar(Array(scalar)) != nil else { return .text }
    skipWhite()
    if byte == ReplyByte.comma || next == ReplyByte.comma { return .json(from: bracket) }
    guard next != nil else { return .undecided }
    return next == ReplyByte.closeBracket ? readArrayEnd(from: bracket) : .text
  }

  private static func mayBecomeScalar(_ word: ArraySlice<UInt8>) -> Bool {
    guard let first = word.first else { return true }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return first == UInt8(ascii: "-") || digits.contains(first) || literals.contains { $0.starts(with: word) }
  }

  /// An array that has ended is the whole reply, or it is text, unless an outer one goes on.
  private mutating func readArrayEnd(from bracket: Int) -> Verdict {
    skip { $0 == ReplyByte.closeBracket || ReplyByte.isWhite($0) }
    guard let byte = next else { return .undecided }
    let read = held[bracket..<index]
    let open = read.count { $0 == ReplyByte.openBracket } - read.count { $0 == ReplyByte.closeBracket }
    if open > 0 { return byte == ReplyByte.comma ? .json(from: bracket) : .text }
    return byte == fenceMark ? .json(from: bracket) : .text
  }
}
