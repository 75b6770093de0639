import NexyCore

/// A command as the model wrote it, not yet checked against what is allowed.
package struct ProposedCommand: Sendable, Equatable {
  package var name: String
  /// An object as a rule; none given is an empty one, and another type is kept as it came.
  package var arguments: JSONValue

  package init(name: String, arguments: JSONValue) {
    self.name = name
    self.arguments = arguments
  }
}

/// Reads a model's reply while it streams: says its text at once, keeps its command for the end.
///
/// A reply is plain text, or a JSON object with `text` and perhaps `command` and `args`: bare, fenced, after a preface
/// or before more text. JSON is never said, whole or broken. How the reply is cut into pieces changes nothing.
package struct ReplyReader: Sendable {
  private enum Phase { case lead, text, json, tail }
  private enum Fence { case none, open, closing }

  private let limit: Int
  private var phase = Phase.lead
  private var repair = UTF8Repair()
  /// Bytes that may yet turn out to open a JSON object.
  private var held: [UInt8] = []
  private var scanner: ReplyScanner
  private var tail = ReplyTail(depth: 0, isInString: false, offender: 0)
  private var outlet = ReplyOutlet()
  private var fence = Fence.none
  private var hasReadJSON = false
  private var isInCode = false
  private var codeTicks = 0
  private var command: ProposedCommand?
  private var fault: Fault?

  /// - Parameter limit: How many bytes of one JSON object are kept for its command.
  package init(limit: Int = 262_144) {
    self.limit = limit
    scanner = ReplyScanner(limit: limit)
  }

  /// Takes a piece of the reply, cut anywhere, and returns the UTF-8 of the text that may now be shown and spoken.
  package mutating func feed(_ piece: some Sequence<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    repair.append(Array(piece), to: &bytes)
    for byte in bytes { take(byte) }
    return outlet.take()
  }

  /// Ends the reply; a character, an escape or an opening that was cut in half is dropped.
  package mutating func finish() -> Ending {
    switch phase {
    case .lead, .text: endHeld()
    case .json: note(scanner.isTooLong ? .tooLong : .truncated)
    case .tail: break
    }
    return Ending(text: outlet.take(), command: command, fault: fault)
  }

  /// What is known when a reply is over.
  package struct Ending: Sendable, Equatable {
    /// The last bytes of text.
    package var text: [UInt8]
    /// The last command that came whole.
    package var command: ProposedCommand?
    /// What was wrong with the JSON first.
    package var fault: Fault?

    package init(text: [UInt8] = [], command: ProposedCommand? = nil, fault: Fault? = nil) {
      self.text = text
      self.command = command
      self.fault = fault
    }
  }

  /// Why a command may be missing.
  package enum Fault: Sendable, Equatable {
    case truncated, malformed, tooLong
  }
}

// MARK: One byte

extension ReplyReader {
  private mutating func take(_ byte: UInt8) {
    switch phase {
    case .lead: takeInLead(byte)
    case .text: takeInText(byte)
    case .json: takeInJSON(byte)
    case .tail: takeInTail(byte)
    }
  }

  /// Before the reply's first word, and again after each JSON value.
  private mutating func takeInLead(_ byte: UInt8) {
    if held.isEmpty {
      if ReplyByte.isWhite(byte) {
        outlet.noteWhite(byte)
        return
      }
      if hasReadJSON, Self.strays.contains(byte) { return }
      if fence == .closing {
        if byte == ReplyByte.backTick { return }
        fence = .none
      }
    }
    hold(byte, at: .start)
  }

  private mutating func takeInText(_ byte: UInt8) {
    if isInCode { countTicks(byte) }
    let mayOpen = byte == ReplyByte.openBrace || (byte == ReplyByte.backTick && !isInCode)
    if held.isEmpty && !mayOpen {
      outlet.say(byte)
    } else {
      hold(byte, at: place)
    }
  }

  private mutating func takeInJSON(_ byte: UInt8) {
    switch scanner.take(byte, saying: &outlet) {
    case .more: return
    case .whole:
      if scanner.isTooLong {
        note(.tooLong)
      } else {
        command = scanner.command ?? command
      }
      endJSON()
    case .malformed:
      note(.malformed)
      phase = .tail
      tail = ReplyTail(depth: scanner.depth, isInString: scanner.isInString, offender: byte)
      takeInTail(byte)
    }
  }

  private mutating func takeInTail(_ byte: UInt8) {
    guard tail.take(byte) else { return }
    endJSON()
    // The tail ends with its line or with the fence itself.
    if byte == ReplyByte.backTick { fence = .closing }
  }

  private mutating func endJSON() {
    phase = .lead
    hasReadJSON = true
    isInCode = false
    outlet.breakText()
  }
}

// MARK: Bytes held back

extension ReplyReader {
  /// What may stand between two JSON values, or after one, without being text.
  private static let strays = [ReplyByte.closeBrace, ReplyByte.closeBracket, ReplyByte.comma]

  private var place: ReplyOpening.Place {
    if phase == .lead { .start } else { isInCode ? .code : .text }
  }

  private mutating func hold(_ byte: UInt8, at place: ReplyOpening.Place) {
    held.append(byte)
    if fence == .open, held.count == 3, held.allSatisfy({ $0 == ReplyByte.backTick }) {
      held = []
      fence = phase == .lead ? .closing : .none
      return
    }
    switch ReplyOpening.verdict(on: held, at: place) {
    case .undecided: return
    case .json(let offset): startJSON(at: offset)
    case .text: release()
    case .code:
      phase = .text
      isInCode = true
      codeTicks = 0
      outlet.say(taken()[...])
    }
  }

  private mutating func startJSON(at offset: Int) {
    let bytes = taken()
    if offset > 0, bytes[0] == ReplyByte.backTick { fence = .open }
    phase = .json
    scanner = ReplyScanner(limit: limit)
    outlet.breakText()
    for byte in bytes[offset...] { take(byte) }
  }

  /// Says the first byte held, or the back-ticks of what is no fence, and judges the others anew.
  private mutating func release() {
    let bytes = taken()
    let ticks = bytes.prefix { $0 == ReplyByte.backTick }.count
    let plain = bytes.prefix(max(ticks, 1))
    phase = .text
    outlet.say(plain)
    for byte in bytes[plain.endIndex...] { take(byte) }
  }

  private mutating func endHeld() {
    switch ReplyOpening.remainder(of: held, at: place) {
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

  /// Leaves the code fence at its third back-tick in a row.
  private mutating func countTicks(_ byte: UInt8) {
    codeTicks = byte == ReplyByte.backTick ? codeTicks + 1 : 0
    if codeTicks == 3 { isInCode = false }
  }

  private mutating func note(_ fault: Fault) {
    if self.fault == nil { self.fault = fault }
  }
}
