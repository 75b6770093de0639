/// Reads JSON (RFC 8259) to the letter: no comments, no trailing commas, no byte order mark, no lone surrogates, and
/// keys that stand twice are told.
///
/// Foundation's decoder reads `1.0` as an integer, keeps one of two equal keys without a word and rounds integers that
/// it cannot hold; a file that others act on needs a stricter reader.
package struct JSONReader {
  /// Why bytes are no JSON, and where.
  package struct Problem: Error, Equatable {
    package let reason: String
    /// Bytes before the place.
    package let offset: Int
  }

  /// What was read.
  package struct Document: Sendable, Equatable {
    package let value: JSONValue
    /// Keys that stand twice in one object, as paths such as `artifact.size`; the last of them is in `value`.
    package let duplicateKeys: [String]
  }

  /// Objects and arrays inside each other; more would only serve to exhaust the stack.
  private static let deepest = 32

  private let bytes: [UInt8]
  private var index = 0
  private var path: [String] = []
  private var duplicateKeys: [String] = []

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Throws: `Problem` for anything but one JSON value with white space around it.
  package static func document(_ bytes: [UInt8]) throws(Problem) -> Document {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Problem(reason: "it is no UTF-8", offset: 0) }
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.index == bytes.count else { throw reader.problem("something follows the value") }
    return Document(value: value, duplicateKeys: reader.duplicateKeys)
  }

  private mutating func value(depth: Int) throws(Problem) -> JSONValue {
    guard depth <= Self.deepest else { throw problem("it is nested too deeply") }
    skipSpace()
    switch next {
    case nil: throw problem("it ends too early")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(Problem) -> JSONValue {
    index += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("a key in quotation marks is missing") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw problem("a colon is missing") }
      path.append(key)
      let isNew = members.updateValue(try value(depth: depth + 1), forKey: key) == nil
      if !isNew { duplicateKeys.append(path.joined(separator: ".")) }
      path.removeLast()
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw problem(next == nil ? "it ends too early" : "a comma is missing") }
    }
  }

  private mutating func array(depth: Int) throws(Problem) -> JSONValue {
    index += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw problem(next == nil ? "it ends too early" : "a comma is missing") }
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(Problem) -> JSONValue {
    guard bytes[index...].starts(with: text.utf8) else { throw problem("there is no value") }
    index += text.utf8.count
    return value
  }
}

extension JSONReader {
  /// An integer stays one and must fit 64 bits; anything with a fraction or an exponent is a `Double`.
  private mutating func number() throws(Problem) -> JSONValue {
    let start = index
    _ = take("-")
    guard let first = next, Self.isDigit(first) else { throw problem("there is no value") }
    let leading = digits()
    guard leading == 1 || first != UInt8(ascii: "0") else { throw problem("a number begins with 0") }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw problem("a fraction has no digits") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw problem("an exponent has no digits") }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    if !isInteger, let value = Double(text), value.isFinite { return .number(value) }
    throw Problem(reason: "a number is too large to be kept exactly", offset: start)
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = next, Self.isDigit(byte) { index += 1 }
    return index - start
  }

  private mutating func string() throws(Problem) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = next {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20: throw problem("a control character stands in a text")
      default: text.append(byte)
      }
    }
    throw problem("it ends too early")
  }

  private mutating func escape() throws(Problem) -> [UInt8] {
    guard let byte = next else { throw problem("it ends too early") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw problem("a backslash stands before a letter that it cannot change")
    }
  }

  /// What `\u` names; a pair of surrogates is one scalar.
  private mutating func scalar() throws(Problem) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else { throw problem("a surrogate stands alone") }
    let second = try codeUnit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw problem("a surrogate stands alone") }
    return scalar
  }

  private mutating func codeUnit() throws(Problem) -> UInt32 {
    let text = bytes[index...].prefix(4)
    guard text.count == 4, text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: text, as: UTF8.self), radix: 16)
    else { throw problem("four hexadecimal digits are missing") }
    index += 4
    return unit
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { index += 1 }
  }

  private func problem(_ reason: String) -> Problem { Problem(reason: reason, offset: index) }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
