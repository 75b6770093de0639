/// Tells whether the bytes held back open a JSON reply or are plain text.
///
/// A reply's beginning is judged more strictly than its middle: there any object and any array is JSON, while text that
/// goes on may well contain braces, so that only an object that starts with one of our own keys counts.
struct ReplyOpening {
  enum Place { case start, text, code }

  enum Verdict: Equatable {
    /// More bytes are needed.
    case undecided
    /// JSON begins at this offset; what stands before it is its fence.
    case json(from: Int)
    /// The first byte is text; the others are to be judged anew.
    case text
    /// All is the first line of a code fence.
    case code
  }

  /// What to do with bytes that were still undecided when the reply ended.
  enum Remainder { case text, nothing, truncated }

  static let replyKeys = ["session_id", "text", "command", "args"].map { Array($0.utf8) }
  private static let openingKeys = replyKeys + ["event", "payload"].map { Array($0.utf8) }
  private static let json = Array("json".utf8)
  private static let literals = ["true", "false", "null"].map { Array($0.utf8) }
  /// No opening is longer; this bounds the work on a run of white space too.
  private static let longest = 512

  private let held: [UInt8]
  private let place: Place
  private var index = 0
  private var isFenced = false

  private init(_ held: [UInt8], at place: Place) {
    self.held = held
    self.place = place
  }

  /// - Parameter held: At least one byte; the first one is not white space.
  static func verdict(on held: [UInt8], at place: Place) -> Verdict {
    var opening = ReplyOpening(held, at: place)
    let verdict = opening.read()
    guard verdict == .undecided, held.count > longest else { return verdict }
    guard place == .start, let bracket = opening.firstBracket else { return .text }
    return .json(from: bracket)
  }

  static func remainder(of held: [UInt8], at place: Place) -> Remainder {
    guard let first = held.first else { return .nothing }
    let opening = ReplyOpening(held, at: place)
    if let bracket = opening.firstBracket {
      let isWholeArray = held[bracket] == ReplyByte.openBracket && held.contains(ReplyByte.closeBracket)
      if place == .start { return isWholeArray ? .nothing : .truncated }
      let isBareBrace = bracket == 0 && held.dropFirst().allSatisfy(ReplyByte.isWhite)
      return isBareBrace ? .text : .truncated
    }
    guard first == ReplyByte.backTick else { return .text }
    if held.contains(where: ReplyByte.isWord) { return .truncated }
    return place == .start ? .nothing : .text
  }

  private var firstBracket: Int? {
    held.firstIndex { $0 == ReplyByte.openBrace || $0 == ReplyByte.openBracket }
  }

  // MARK: Reading

  private var next: UInt8? { index < held.count ? held[index] : nil }

  private mutating func skipWhite() {
    while let byte = next, ReplyByte.isWhite(byte) { index += 1 }
  }

  private mutating func word() -> ArraySlice<UInt8> {
    let start = index
    while let byte = next, ReplyByte.isWord(byte) { index += 1 }
    return held[start..<index]
  }

  private mutating func read() -> Verdict {
    if held[0] == ReplyByte.backTick {
      if let verdict = readFence() { return verdict }
    } else if place == .start, held[0] | 0x20 == Self.json[0] {
      if let verdict = readWordJSON() { return verdict }
    }
    skipWhite()
    switch next {
    case nil: return .undecided
    case ReplyByte.openBrace: return readObject()
    case ReplyByte.openBracket where place == .start: return readArray()
    default: return .text
    }
  }

  /// Reads back-ticks and the language after them; nil when a JSON value may follow.
  private mutating func readFence() -> Verdict? {
    while next == ReplyByte.backTick { index += 1 }
    guard index >= 3 else { return next == nil ? .undecided : .text }
    isFenced = true
    while next == ReplyByte.blank { index += 1 }
    let language = word()
    if Self.isJSON(language, orItsBeginning: next == nil) { return nil }
    return .code
  }

  /// Reads the word "json" and a colon after it; nil when a JSON value may follow.
  private mutating func readWordJSON() -> Verdict? {
    let word = word()
    guard Self.isJSON(word, orItsBeginning: next == nil), word.count <= Self.json.count else { return .text }
    if next == ReplyByte.colon { index += 1 }
    return nil
  }

  /// Whether a fence's language is none, JSON or a dialect of it.
  private static func isJSON(_ word: ArraySlice<UInt8>, orItsBeginning isCut: Bool) -> Bool {
    let lower = word.map { $0 | 0x20 }
    return lower.isEmpty || lower.starts(with: json) || (isCut && json.starts(with: lower))
  }

  private mutating func readObject() -> Verdict {
    let brace = index
    index += 1
    skipWhite()
    guard let byte = next else { return .undecided }
    switch byte {
    case ReplyByte.quote: return readKey(after: brace, closedBy: byte)
    case ReplyByte.closeBrace where place == .start: return .json(from: brace)
    // What follows is JSON to the eye, and malformed to the reader: it is not to be spoken either.
    case ReplyByte.apostrophe: return readKey(after: brace, closedBy: byte)
    case ReplyByte.slash where place == .start: return readComment(after: brace)
    default: return ReplyByte.isWord(byte) ? readBareKey(after: brace) : .text
    }
  }

  private mutating func readKey(after brace: Int, closedBy quote: UInt8) -> Verdict {
    let start = index + 1
    index = start
    while let byte = next, byte != quote { index += byte == ReplyByte.backslash ? 2 : 1 }
    let key = held[start..<min(index, held.count)]
    guard index < held.count else {
      return place == .start || keys.contains { $0.starts(with: key) } ? .undecided : .text
    }
    if keys.contains(where: { $0.elementsEqual(key) }) { return .json(from: brace) }
    guard place == .start else { return .text }
    index += 1
    return readColon(after: brace)
  }

  private mutating func readBareKey(after brace: Int) -> Verdict {
    let key = word()
    let bareKeys = keys.prefix(place == .start ? keys.count : 1)
    let isKey = bareKeys.contains { next == nil ? $0.starts(with: key) : $0.elementsEqual(key) }
    return isKey ? readColon(after: brace) : .text
  }

  private mutating func readColon(after brace: Int) -> Verdict {
    skipWhite()
    guard let byte = next else { return .undecided }
    return byte == ReplyByte.colon ? .json(from: brace) : .text
  }

  private mutating func readComment(after brace: Int) -> Verdict {
    index += 1
    guard let byte = next else { return .undecided }
    return byte == ReplyByte.slash || byte == ReplyByte.star ? .json(from: brace) : .text
  }

  /// The keys that make an object a reply here; in a code fence of another language only the surest, which is the first.
  private var keys: ArraySlice<[UInt8]> { Self.openingKeys.prefix(place == .code ? 1 : Self.openingKeys.count) }

  /// Reads as much of an array as tells it from "[1] is the source" and "[note] read this".
  private mutating func readArray() -> Verdict {
    let bracket = index
    while next == ReplyByte.openBracket {
      index += 1
      skipWhite()
    }
    switch next {
    case nil: return .undecided
    case ReplyByte.openBrace, ReplyByte.quote: return .json(from: bracket)
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
    while let byte = next, byte == ReplyByte.closeBracket || ReplyByte.isWhite(byte) { index += 1 }
    guard let byte = next else { return .undecided }
    let read = held[bracket..<index]
    let open = read.count { $0 == ReplyByte.openBracket } - read.count { $0 == ReplyByte.closeBracket }
    if open > 0 { return byte == ReplyByte.comma ? .json(from: bracket) : .text }
    return isFenced && byte == ReplyByte.backTick ? .json(from: bracket) : .text
  }
}
