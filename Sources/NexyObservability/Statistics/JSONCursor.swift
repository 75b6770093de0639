/// Walks over JSON in bytes, checks its form and keeps nothing.
///
/// Bytes above ASCII are taken as they are: whether they are UTF-8 matters to whoever shows them.
struct JSONCursor {
  /// What is wrong is for the caller to name.
  struct Malformed: Error {}

  /// Levels of nesting; deeper ones are refused, so that no line can exhaust the stack.
  private static let depth = 64

  let bytes: UnsafeRawBufferPointer
  var at: Int

  /// The next byte that is no white space; zero at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    while at < bytes.count {
      let byte = bytes[at]
      if byte != 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return byte }
      at &+= 1
    }
    return 0
  }

  @inline(__always)
  mutating func expect(_ character: Unicode.Scalar) throws(Malformed) {
    guard peek() == UInt8(ascii: character) else { throw Malformed() }
    at &+= 1
  }

  /// What stands between a string's quotes, escapes as they are.
  @inline(__always)
  mutating func string() throws(Malformed) -> UnsafeRawBufferPointer {
    try expect("\"")
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at &+= 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<at &- 1])
      }
      if byte < 0x20 { throw Malformed() }
      at &+= 1
      if byte == UInt8(ascii: "\\") { try escape() }
    }
    throw Malformed()
  }

  private mutating func escape() throws(Malformed) {
    guard at < bytes.count else { throw Malformed() }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "u"):
      guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy(Self.isHexadecimal) else { throw Malformed() }
      at += 4
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    default: throw Malformed()
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 48 < 10 || (byte | 0x20) &- 97 < 6 }

  /// A whole number; nil, and nothing consumed, when another value or a fraction stands here.
  mutating func integer() -> Int64? {
    let start = at
    let first = peek()
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { at += 1 }
    guard let value = JSONCursor.digits(bytes, &at), !isFraction else {
      at = start
      return nil
    }
    return isNegative ? -value : value
  }

  private var isFraction: Bool {
    guard at < bytes.count else { return false }
    return bytes[at] == UInt8(ascii: ".") || bytes[at] | 0x20 == UInt8(ascii: "e")
  }

  /// One to eighteen digits.
  @inline(__always)
  static func digits(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Int64? {
    let start = at
    var value: Int64 = 0
    while at < bytes.count, bytes[at] &- 48 < 10 {
      value = value &* 10 &+ Int64(bytes[at] &- 48)
      at &+= 1
    }
    return (1...18).contains(at - start) ? value : nil
  }
}

extension JSONCursor {
  /// Steps over an object and hands each key; `member` reads the value, or leaves it unread to be stepped over.
  @inline(__always)
  mutating func object(
    _ member: (_ key: UnsafeRawBufferPointer, inout JSONCursor) throws(Malformed) -> Void
  ) throws(Malformed) {
    try expect("{")
    if peek() == UInt8(ascii: "}") { return at &+= 1 }
    while true {
      _ = peek()
      let key = try string()
      try expect(":")
      _ = peek()
      let start = at
      try member(key, &self)
      if at == start { try skip() }
      let byte = peek()
      at &+= 1
      if byte == UInt8(ascii: "}") { return }
      guard byte == UInt8(ascii: ",") else { throw Malformed() }
    }
  }

  /// Steps over any value, of whatever depth, without recursion.
  mutating func skip() throws(Malformed) {
    // One bit a level: 1 is an object, 0 an array.
    var (levels, depth): (UInt64, Int) = (0, 0)
    while true {
      switch peek() {
      case UInt8(ascii: "{"):
        guard depth < Self.depth else { throw Malformed() }
        at &+= 1
        if peek() == UInt8(ascii: "}") {
          at &+= 1
        } else {
          (levels, depth) = (levels << 1 | 1, depth + 1)
          _ = try string()
          try expect(":")
          continue
        }
      case UInt8(ascii: "["):
        guard depth < Self.depth else { throw Malformed() }
        at &+= 1
        if peek() == UInt8(ascii: "]") {
          at &+= 1
        } else {
          (levels, depth) = (levels << 1, depth + 1)
          continue
        }
      default: try scalar()
      }
      // A value ended; so may the levels around it.
      while true {
        guard depth > 0 else { return }
        let isObject = levels & 1 == 1
        let byte = peek()
        at &+= 1
        if byte == UInt8(ascii: ",") {
          if isObject {
            _ = try string()
            try expect(":")
          }
          break
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw Malformed() }
        (levels, depth) = (levels >> 1, depth - 1)
      }
    }
  }

  private mutating func scalar() throws(Malformed) {
    switch peek() {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    // Python writes these two.
    case UInt8(ascii: "N"): try word("NaN")
    case UInt8(ascii: "I"): try word("Infinity")
    default: try number()
    }
  }

  private mutating func word(_ word: StaticString) throws(Malformed) {
    guard bytes.holds(word, at: at) else { throw Malformed() }
    at += word.utf8CodeUnitCount
  }

  private mutating func number() throws(Malformed) {
    if bytes.holds("-", at: at) { at += 1 }
    if bytes.holds("Infinity", at: at) { return at += 8 }
    let start = at
    guard run() > 0, bytes[start] != 48 || at == start + 1 else { throw Malformed() }
    if bytes.holds(".", at: at) {
      at += 1
      guard run() > 0 else { throw Malformed() }
    }
    guard at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") else { return }
    at += 1
    if bytes.holds("+", at: at) || bytes.holds("-", at: at) { at += 1 }
    guard run() > 0 else { throw Malformed() }
  }

  /// Steps over digits and counts them.
  private mutating func run() -> Int {
    let start = at
    while at < bytes.count, bytes[at] &- 48 < 10 { at &+= 1 }
    return at - start
  }
}
