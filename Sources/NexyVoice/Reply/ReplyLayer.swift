/// One layer of a reply: text, with JSON in it or without.
///
/// The text that JSON carries is a layer of its own, since models at times put a whole reply there; so is a JSON string
/// or escaped JSON that stands where an object should. Each layer deeper has twice the backslashes, so they are few.
struct ReplyLayer: Sendable {
  private enum Phase { case lead, text, json, string, escaped, tail }
  private enum Fence { case none, open, closing }
  /// A code fence that is text; only the code of a programming language may look like JSON without being it.
  private enum Block { case none, plain, code }

  /// The last command that came whole.
  private(set) var command: ProposedCommand?
  /// What was wrong with the JSON first.
  private(set) var fault: ReplyReader.Fault?

  private let limit: Int
  private var phase = Phase.lead
  /// Bytes that may yet turn out to open a JSON value.
  private var held: [UInt8] = []
  private var scanner: ReplyScanner
  private var string = ReplyString()
  private var tail = ReplyTail(depth: 0, isInString: false, offender: 0, fenceMark: 0)
  /// The layer inside this one, if it has begun: none or one.
  private var inner: [ReplyLayer] = []
  private var decoded: [UInt8] = []
  private var fence = Fence.none
  private var fenceMark = ReplyByte.backTick
  /// What ends the quotes around the JSON that was read last.
  private var closer: UInt8?
  private var hasReadJSON = false
  private var block = Block.none
  private var blockMarks = 0

  init(limit: Int) {
    self.limit = limit
    scanner = ReplyScanner(limit: limit)
  }

  mutating func take(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    switch phase {
    case .lead: takeInLead(byte, saying: &outlet)
    case .text: takeInText(byte, saying: &outlet)
    case .json: takeInJSON(byte, saying: &outlet)
    case .string, .escaped: takeInString(byte, saying: &outlet)
    case .tail: takeInTail(byte, saying: &outlet)
    }
  }

  mutating func end(saying outlet: inout ReplyOutlet) {
    switch phase {
    case .lead, .text: endHeld(saying: &outlet)
    case .json:
      _ = endInner(saying: &outlet)
      note(scanner.isTooLong ? .tooLong : .truncated)
      command = scanner.unclosedCommand ?? command
    case .string, .escaped:
      _ = endInner(saying: &outlet)
      note(.truncated)
    case .tail: break
    }
  }

  private mutating func note(_ fault: ReplyReader.Fault?) {
    if self.fault == nil { self.fault = fault }
  }
}

// MARK: Text

extension ReplyLayer {
  /// What may stand between two JSON values, or after one, without being text.
  private static let strays = [
    ReplyByte.closeBrace, ReplyByte.closeBracket, ReplyByte.comma, ReplyByte.semicolon,
  ]

  /// Before the reply's first word, and again after each JSON value.
  private mutating func takeInLead(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    if held.isEmpty {
      if ReplyByte.isWhite(byte) {
        outlet.noteWhite(byte)
        return
      }
      if byte == closer || (hasReadJSON && Self.strays.contains(byte)) { return }
      closer = nil
      if fence == .closing {
        if byte == fenceMark { return }
        fence = .none
      }
    }
    hold(byte, at: .start, saying: &outlet)
  }

  private mutating func takeInText(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    if held.isEmpty && !mayOpen(byte, atWordStart: outlet.isAtWordStart) {
      say(byte, to: &outlet)
    } else {
      hold(byte, at: block == .code ? .code : .text, saying: &outlet)
    }
  }

  private func mayOpen(_ byte: UInt8, atWordStart: Bool) -> Bool {
    // Most bytes are of this kind.
    if byte > ReplyByte.tilde || byte == ReplyByte.blank || ReplyByte.isLetter(byte) { return false }
    return switch byte {
    case ReplyByte.openBrace: true
    case ReplyByte.openBracket, ReplyByte.less: block != .code
    // A closing quote must not wait for the word after it.
    case ReplyByte.quote, ReplyByte.apostrophe: block != .code && atWordStart
    case ReplyByte.backTick, ReplyByte.tilde: block == .none
    default: false
    }
  }

  /// Says a byte of text and leaves its code fence at the third mark in a row.
  private mutating func say(_ byte: UInt8, to outlet: inout ReplyOutlet) {
    outlet.say(byte)
    guard block != .none else { return }
    blockMarks = byte == fenceMark ? blockMarks + 1 : 0
    if blockMarks == 3 { block = .none }
  }

  private mutating func enter(_ block: Block, fencedBy mark: UInt8) {
    self.block = block
    blockMarks = 0
    fenceMark = mark
  }
}

// MARK: JSON

extension ReplyLayer {
  private mutating func takeInJSON(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    let step = scanner.take(byte, into: &decoded)
    passDecoded(saying: &outlet)
    switch step {
    case .more:
      if !scanner.isInText { command = endInner(saying: &outlet) ?? command }
    case .whole:
      if scanner.isTooLong {
        note(.tooLong)
      } else {
        command = scanner.command ?? command
      }
      endJSON(saying: &outlet)
    case .malformed:
      if byte == fenceMark, fence == .open, let unclosed = scanner.unclosedCommand {
        note(.truncated)
        command = unclosed
      }
      skipTail(from: byte, depth: scanner.depth, isInString: scanner.isInString, saying: &outlet)
    }
  }

  /// Decodes a string that holds JSON, or JSON whose quotes are escaped though no string holds it.
  private mutating func takeInString(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    let step = string.take(byte, into: &decoded)
    passDecoded(saying: &outlet)
    switch step {
    case .more:
      guard phase == .escaped, inner.first?.hasReadJSON == true else { return }
      command = endInner(saying: &outlet) ?? command
      endJSON(saying: &outlet)
    case .closed:
      command = endInner(saying: &outlet) ?? command
      endJSON(saying: &outlet)
    case .malformed:
      skipTail(from: byte, depth: 1, isInString: phase == .string, saying: &outlet)
    }
  }

  private mutating func passDecoded(saying outlet: inout ReplyOutlet) {
    guard !decoded.isEmpty else { return }
    if inner.isEmpty { inner.append(ReplyLayer(limit: limit)) }
    for index in decoded.indices { inner[0].take(decoded[index], saying: &outlet) }
    decoded.removeAll(keepingCapacity: true)
  }

  /// Ends the layer inside this one and returns its command.
  private mutating func endInner(saying outlet: inout ReplyOutlet) -> ProposedCommand? {
    guard !inner.isEmpty else { return nil }
    var ended = inner.removeLast()
    ended.end(saying: &outlet)
    note(ended.fault)
    return ended.command
  }

  private mutating func skipTail(
    from byte: UInt8, depth: Int, isInString: Bool, saying outlet: inout ReplyOutlet
  ) {
    note(.malformed)
    _ = endInner(saying: &outlet)
    phase = .tail
    tail = ReplyTail(depth: depth, isInString: isInString, offender: byte, fenceMark: fenceMark)
    takeInTail(byte, saying: &outlet)
  }

  private mutating func takeInTail(_ byte: UInt8, saying outlet: inout ReplyOutlet) {
    guard tail.take(byte) else { return }
    endJSON(saying: &outlet)
    // The tail ends with its line or with the fence itself.
    if byte == fenceMark { fence = .closing }
  }

  private mutating func endJSON(saying outlet: inout ReplyOutlet) {
    phase = .lead
    hasReadJSON = true
    block = .none
    outlet.breakText()
  }
}

// MARK: Bytes held back

extension ReplyLayer {
  private mutating func hold(_ byte: UInt8, at place: ReplyOpening.Place, saying outlet: inout ReplyOutlet) {
    held.append(byte)
    if fence == .open, held.count == 3, held.allSatisfy({ $0 == fenceMark }) {
      held = []
      fence = phase == .lead ? .closing : .none
      return
    }
    let opening = ReplyOpening(held, at: place)
    switch opening.verdict {
    case .undecided: return
    case .json(let offset):
      let bytes = start(.json, opening, saying: &outlet)
      for byte in bytes[offset...] { take(byte, saying: &outlet) }
    case .members(let offset):
      note(.malformed)
      let bytes = start(.json, opening, saying: &outlet)
      take(ReplyByte.openBrace, saying: &outlet)
      for byte in bytes[offset...] { take(byte, saying: &outlet) }
    case .string(let offset):
      let bytes = start(.string, opening, saying: &outlet)
      for byte in bytes[offset...] { take(byte, saying: &outlet) }
    case .escaped(let offset):
      let bytes = start(.escaped, opening, saying: &outlet)
      for byte in bytes[offset...] { take(byte, saying: &outlet) }
    case .nothing: held = []
    case .text: release(saying: &outlet)
    case .code(let end): releaseCode(upTo: end, saying: &outlet)
    }
  }

  private mutating func start(
    _ phase: Phase, _ opening: ReplyOpening, saying outlet: inout ReplyOutlet
  ) -> [UInt8] {
    if let mark = opening.fenceMark {
      fence = .open
      fenceMark = mark
    } else if block != .none {
      fence = .open
    }
    closer = opening.closer
    self.phase = phase
    scanner = ReplyScanner(limit: limit)
    string = ReplyString()
    outlet.breakText()
    return taken()
  }

  /// Says the first byte held, or the marks of what is no fence, and judges the others anew.
  private mutating func release(saying outlet: inout ReplyOutlet) {
    let bytes = taken()
    let mark = bytes[0]
    let isMark = mark == ReplyByte.backTick || mark == ReplyByte.tilde
    let plain = isMark ? bytes.prefix { $0 == mark } : bytes.prefix(1)
    let opensBlock = isMark && plain.count >= 3 && block == .none && outlet.isAtLineStart
    phase = .text
    for byte in plain { say(byte, to: &outlet) }
    if opensBlock { enter(.plain, fencedBy: mark) }
    for byte in bytes[plain.endIndex...] { take(byte, saying: &outlet) }
  }

  /// Says the first line of a code fence and judges what follows anew.
  private mutating func releaseCode(upTo end: Int, saying outlet: inout ReplyOutlet) {
    let bytes = taken()
    phase = .text
    outlet.say(bytes[..<end])
    enter(.code, fencedBy: bytes[0])
    for byte in bytes[end...] { take(byte, saying: &outlet) }
  }

  private mutating func endHeld(saying outlet: inout ReplyOutlet) {
    guard !held.isEmpty else { return }
    let place: ReplyOpening.Place = phase == .lead ? .start : block == .code ? .code : .text
    switch ReplyOpening(held, at: place).remainder {
    case .nothing: break
    case .text: outlet.say(held[...])
    case .truncated: note(.truncated)
    }
    held = []
  }

  private mutating func taken() -> [UInt8] {
    defer { held = [] }
    return held
  }
}
