/// What a character is to the sentence segmenter.
enum GlyphKind: UInt8 {
  /// Not a character: the text ends (or begins) here.
  case edge
  case space, newline
  /// Letters; `letter` is one of a script without case.
  case lower, upper, letter
  case digit
  /// What may end a sentence: `.`, then `…`, then `!` and `?`, then the full stops of wide scripts.
  case dot, ellipsis, exclamation, wideStop
  /// Brackets and paired quotation marks.
  case opener, closer
  /// `"`, which opens or closes by its place.
  case quote
  /// `'`, `‘` and `’`, which quote, close or belong to a word.
  case apostrophe
  case dash, bullet, emoji
  /// The marks of Markdown that stand around words: `*`, `_`, `~` and the back-tick.
  case markup
  /// What only changes the character before: accents, joiners, variation selectors, skin tones.
  case extender
  case other

  var isLetter: Bool { self == .lower || self == .upper || self == .letter }
  var isSpace: Bool { self == .space || self == .newline }
  var isTerminator: Bool { self == .dot || self == .ellipsis || self == .exclamation || self == .wideStop }

  init(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): self = .lower
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .upper
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
    case UInt8(ascii: "\n"): self = .newline
    case UInt8(ascii: " "), 0x09, 0x0B, 0x0C, 0x0D: self = .space
    case UInt8(ascii: "."): self = .dot
    case UInt8(ascii: "!"), UInt8(ascii: "?"): self = .exclamation
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): self = .opener
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): self = .closer
    case UInt8(ascii: "\""): self = .quote
    case UInt8(ascii: "'"): self = .apostrophe
    case UInt8(ascii: "-"): self = .dash
    case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "`"): self = .markup
    default: self = .other
    }
  }

  init(scalar: UInt32) {
    switch scalar {
    case 0..<0x80: self = GlyphKind(ascii: UInt8(truncatingIfNeeded: scalar))
    case 0x0430...0x045F: self = .lower
    case 0x0400...0x042F: self = .upper
    case 0x2010...0x2015, 0x2212: self = .dash
    case 0x2018, 0x2019, 0x02BC: self = .apostrophe
    case 0x201C, 0x201E, 0x00AB, 0x2039: self = .opener
    case 0x201D, 0x00BB, 0x203A: self = .closer
    case 0x2026: self = .ellipsis
    case 0x203C, 0x2047...0x2049, 0x203D: self = .exclamation
    case 0x3002, 0xFF01, 0xFF0E, 0xFF1F, 0xFF61, 0x0964: self = .wideStop
    case 0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0xFF08: self = .opener
    case 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0xFF09: self = .closer
    case 0x0085, 0x2028, 0x2029: self = .newline
    case 0x00A0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: self = .space
    case 0x2022, 0x2023, 0x2043, 0x2219, 0x25A0...0x25AB, 0x25CB, 0x25CF, 0x25E6, 0x27A4: self = .bullet
    case 0x0300...0x036F, 0x200B, 0x200D, 0xFE0E, 0xFE0F, 0xFEFF, 0x20E3, 0x1F3FB...0x1F3FF, 0xE0020...0xE007F:
      self = .extender
    case 0x2600...0x27BF, 0x2B50, 0x2B55, 0x1F000...0x1FAFF: self = .emoji
    default: self = GlyphKind(properties: scalar)
    }
  }

  /// The long way, for letters that the table does not know.
  private init(properties scalar: UInt32) {
    guard let properties = Unicode.Scalar(scalar)?.properties else {
      self = .other
      return
    }
    switch true {
    case properties.isUppercase: self = .upper
    case properties.isLowercase && properties.isCased && properties.generalCategory == .lowercaseLetter: self = .lower
    case properties.generalCategory == .decimalNumber: self = .digit
    case properties.generalCategory == .nonspacingMark, properties.generalCategory == .spacingMark: self = .extender
    case properties.isAlphabetic: self = .letter
    default: self = .other
    }
  }
}
