/// Decodes the inside of one JSON string, byte by byte.
///
/// Line breaks and tabs that a model forgot to escape are taken as they are, and so is `\'`: what is meant is clear.
struct ReplyString: Sendable {
  enum Step { case more, closed, malformed }

  private enum State {
    case plain
    case escape
    case unicode(digits: Int, value: UInt32)
  }

  private var state = State.plain
  /// The first half of a surrogate pair whose second half has not come yet.
  private var high: UInt32?

  /// Appends what `byte` completes to `text`.
  mutating func take(_ byte: UInt8, into text: inout [UInt8]) -> Step {
    switch state {
    case .plain: return takePlain(byte, into: &text)
    case .escape: return takeEscape(byte, into: &text)
    case .unicode(let digits, let value):
      guard let digit = Self.hexDigit(byte) else { return .malformed }
      let value = value << 4 | digit
      if digits == 3 {
        state = .plain
        takeUnit(value, into: &text)
      } else {
        state = .unicode(digits: digits + 1, value: value)
      }
      return .more
    }
  }

  private mutating func takePlain(_ byte: UInt8, into text: inout [UInt8]) -> Step {
    if byte == ReplyByte.backslash {
      state = .escape
      return .more
    }
    dropLoneHigh(into: &text)
    if byte == ReplyByte.quote { return .closed }
    if byte < 0x20, byte != ReplyByte.newline, byte != 0x09, byte != 0x0D { return .malformed }
    text.append(byte)
    return .more
  }

  private mutating func takeEscape(_ byte: UInt8, into text: inout [UInt8]) -> Step {
    if byte == UInt8(ascii: "u") {
      state = .unicode(digits: 0, value: 0)
      return .more
    }
    let decoded: UInt8
    switch byte {
    case UInt8(ascii: "n"): decoded = 0x0A
    case UInt8(ascii: "t"): decoded = 0x09
    case UInt8(ascii: "r"): decoded = 0x0D
    case UInt8(ascii: "b"): decoded = 0x08
    case UInt8(ascii: "f"): decoded = 0x0C
    case ReplyByte.quote, ReplyByte.backslash, ReplyByte.slash, ReplyByte.apostrophe: decoded = byte
    default: return .malformed
    }
    dropLoneHigh(into: &text)
    text.append(decoded)
    state = .plain
    return .more
  }

  private mutating func takeUnit(_ unit: UInt32, into text: inout [UInt8]) {
    switch unit {
    case 0xD800...0xDBFF:
      dropLoneHigh(into: &text)
      high = unit
    case 0xDC00...0xDFFF:
      let first = high
      high = nil
      Self.append(first.map { 0x10000 + (($0 - 0xD800) << 10 | (unit - 0xDC00)) } ?? unit, to: &text)
    default:
      dropLoneHigh(into: &text)
      Self.append(unit, to: &text)
    }
  }

  private mutating func dropLoneHigh(into text: inout [UInt8]) {
    guard high != nil else { return }
    high = nil
    text += UTF8Repair.replacement
  }

  /// Appends a code point; half of a surrogate pair becomes U+FFFD.
  private static func append(_ codePoint: UInt32, to text: inout [UInt8]) {
    text += UTF8.encode(Unicode.Scalar(codePoint) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
