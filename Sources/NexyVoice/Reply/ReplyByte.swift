/// The bytes that a reply's shape is made of.
enum ReplyByte {
  static let quote = UInt8(ascii: "\"")
  static let apostrophe = UInt8(ascii: "'")
  static let backslash = UInt8(ascii: "\\")
  static let backTick = UInt8(ascii: "`")
  static let tilde = UInt8(ascii: "~")
  static let less = UInt8(ascii: "<")
  static let greater = UInt8(ascii: ">")
  static let bar = UInt8(ascii: "|")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let colon = UInt8(ascii: ":")
  static let comma = UInt8(ascii: ",")
  static let semicolon = UInt8(ascii: ";")
  static let slash = UInt8(ascii: "/")
  static let star = UInt8(ascii: "*")
  static let blank = UInt8(ascii: " ")
  static let newline = UInt8(ascii: "\n")

  static func isWhite(_ byte: UInt8) -> Bool {
    byte == blank || (0x09...0x0D).contains(byte)
  }

  static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  static func opens(_ byte: UInt8) -> Bool { byte == openBrace || byte == openBracket }

  /// A byte of a number, of `true`, `false`, `null`, of a bare key or of a fence's language.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
