/// Finds the likely end of a JSON value that turned out malformed, so that none of it is spoken.
///
/// That is the end of the line on which its brackets close, or a fence. Strings and comments are skipped as well as
/// they can be; a string never reaches over a line.
struct ReplyTail: Sendable {
  private var depth: Int
  /// The quote that ends the string, if one is open.
  private var quote: UInt8?
  private var isEscaped = false
  private var comment: UInt8?
  private var previous: UInt8 = 0
  /// Fence marks since the line began; nil if something else stood before them.
  private var marks: Int?
  private let fenceMark: UInt8
  private let hasApostrophes: Bool

  /// - Parameters:
  ///   - depth: How many brackets are open.
  ///   - offender: The byte at which the value was found malformed; it is to be taken next.
  ///   - fenceMark: What a fence around the value is made of.
  init(depth: Int, isInString: Bool, offender: UInt8, fenceMark: UInt8) {
    self.depth = depth
    self.fenceMark = fenceMark
    marks = offender == fenceMark && !isInString ? 0 : nil
    quote = isInString ? ReplyByte.quote : nil
    hasApostrophes = offender == ReplyByte.apostrophe
  }

  /// Takes a byte; true when it was the last of the value.
  mutating func take(_ byte: UInt8) -> Bool {
    defer { previous = byte }
    if byte == ReplyByte.newline { return endLine() }
    if byte == fenceMark, let count = marks {
      marks = count + 1
      return count == 2
    }
    if !ReplyByte.isWhite(byte) { marks = nil }
    if comment != nil {
      if comment == ReplyByte.star, previous == ReplyByte.star, byte == ReplyByte.slash { comment = nil }
    } else if quote != nil {
      takeInString(byte)
    } else {
      takeBetween(byte)
    }
    return false
  }

  private mutating func endLine() -> Bool {
    marks = 0
    quote = nil
    isEscaped = false
    if comment == ReplyByte.slash { comment = nil }
    return depth <= 0 && comment == nil
  }

  private mutating func takeInString(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == ReplyByte.backslash {
      isEscaped = true
    } else if byte == quote {
      quote = nil
    }
  }

  private mutating func takeBetween(_ byte: UInt8) {
    switch byte {
    case ReplyByte.quote: quote = byte
    case ReplyByte.apostrophe where hasApostrophes: quote = byte
    case ReplyByte.slash where previous == ReplyByte.slash: comment = byte
    case ReplyByte.star where previous == ReplyByte.slash: comment = byte
    case ReplyByte.openBrace, ReplyByte.openBracket: depth += 1
    case ReplyByte.closeBrace, ReplyByte.closeBracket: depth -= 1
    default: break
    }
  }
}
