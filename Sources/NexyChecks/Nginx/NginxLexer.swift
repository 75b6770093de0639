import NexyCore

/// Cuts one file into words and marks, by the rules of nginx's own reader (`ngx_conf_read_token`): blanks and line ends
/// part words, `#` at a word's begin opens a comment, quotation marks count at a word's begin only, a backslash keeps
/// the next character from meaning anything, and `${` opens no block.
struct NginxLexer {
  enum Token: Equatable {
    case word(String)
    case end, open, close
  }

  /// Bytes of the longest word that nginx takes (`NGX_CONF_BUFFER`).
  static let longestWord = 4096

  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private(set) var line = 1

  init(_ bytes: [UInt8], file: String) throws {
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw NginxFault.of(NginxPlace(file: file, line: 1), "begins with a byte order mark, which nginx refuses")
    }
    self.bytes = bytes
    self.file = file
  }

  var place: NginxPlace { NginxPlace(file: file, line: line) }

  /// - Returns: Nil at the file's end.
  mutating func next() throws -> Token? {
    skipBlanks()
    guard at < bytes.count else { return nil }
    switch bytes[at] {
    case UInt8(ascii: ";"): return mark(.end)
    case UInt8(ascii: "{"): return mark(.open)
    case UInt8(ascii: "}"): return mark(.close)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .word(try quoted())
    default: return .word(try bare())
    }
  }

  private mutating func mark(_ token: Token) -> Token {
    at += 1
    return token
  }

  private mutating func skipBlanks() {
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "#") {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
      } else if Self.isBlank(bytes[at]) {
        step()
      } else {
        return
      }
    }
  }

  private mutating func step() {
    if bytes[at] == UInt8(ascii: "\n") { line += 1 }
    at += 1
  }

  private mutating func quoted() throws -> String {
    let (quote, opened) = (bytes[at], place)
    at += 1
    let start = at
    while at < bytes.count, bytes[at] != quote {
      if bytes[at] == UInt8(ascii: "\\") { step() }
      if at < bytes.count { step() }
    }
    guard at < bytes.count else { throw NginxFault.of(opened, "opens a quotation mark that is never closed") }
    let word = try Self.word(bytes[start..<at], at: opened)
    at += 1
    if at < bytes.count, !Self.endsWord(bytes[at]), bytes[at] != UInt8(ascii: ")") {
      throw NginxFault.of(place, "has something right after a closing quotation mark; put a blank or ; between")
    }
    return word
  }

  private mutating func bare() throws -> String {
    let (start, began) = (at, place)
    var isVariable = false
    while at < bytes.count {
      let byte = bytes[at]
      if isVariable, byte == UInt8(ascii: "{") {
        isVariable = false
        at += 1
        continue
      }
      if Self.endsWord(byte) { break }
      isVariable = byte == UInt8(ascii: "$")
      if byte == UInt8(ascii: "\\") { step() }
      if at < bytes.count { step() }
    }
    return try Self.word(bytes[start..<at], at: began)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

  private static func endsWord(_ byte: UInt8) -> Bool {
    isBlank(byte) || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "{")
  }

  /// The word with its escapes resolved: `\"`, `\'`, `\\`, `\t`, `\r`, `\n`; any other backslash stays.
  private static func word(_ raw: ArraySlice<UInt8>, at place: NginxPlace) throws -> String {
    guard raw.count < longestWord else { throw NginxFault.of(place, "begins a word of more than \(longestWord) bytes") }
    var word: [UInt8] = []
    var rest = raw
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.first, let meant = escapes[next] else {
        word.append(byte)
        continue
      }
      rest.removeFirst()
      word.append(meant)
    }
    return String(decoding: word, as: UTF8.self)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "n"): 0x0A,
  ]
}

/// A configuration that nginx would refuse, or that is more than is read here.
enum NginxFault {
  static func of(_ place: NginxPlace, _ what: String) -> NexyError {
    NexyError(.badNginxFile, "\(place.file), line \(place.line) \(what).")
  }
}

extension NexyError.Code {
  /// An nginx configuration cannot be read.
  static let badNginxFile = Self("bad_nginx_file")
}
