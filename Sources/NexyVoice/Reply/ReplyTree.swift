import NexyCore

/// The values of a JSON reply, put together as they are read.
struct ReplyTree: Sendable {
  /// Nesting beyond this is not a reply.
  static let deepest = 128

  private struct Frame {
    let isObject: Bool
    var key = ""
    var members: [String: JSONValue] = [:]
    var elements: [JSONValue] = []
  }

  private var frames: [Frame] = []
  private var isKept = true
  private(set) var root: JSONValue?

  var depth: Int { frames.count }
  var isInObject: Bool { frames.last?.isObject ?? false }
  /// What the outermost object holds so far.
  var outermost: [String: JSONValue]? {
    guard let frame = frames.first, frame.isObject else { return nil }
    return frame.members
  }

  mutating func open(object: Bool) {
    frames.append(Frame(isObject: object))
  }

  mutating func close() {
    guard let frame = frames.popLast() else { return }
    add(frame.isObject ? .object(frame.members) : .array(frame.elements))
  }

  mutating func name(_ key: [UInt8]) {
    guard isKept, !frames.isEmpty else { return }
    frames[frames.count - 1].key = String(decoding: key, as: UTF8.self)
  }

  mutating func add(_ value: JSONValue) {
    guard isKept else { return }
    guard !frames.isEmpty else {
      root = value
      return
    }
    let top = frames.count - 1
    if frames[top].isObject {
      frames[top].members[frames[top].key] = value
    } else {
      frames[top].elements.append(value)
    }
  }

  /// Forgets every value; only the nesting is followed from now on.
  mutating func forget() {
    isKept = false
    frames = frames.map { Frame(isObject: $0.isObject) }
  }

  /// The value of a bare word, or nil if JSON knows no such word.
  static func scalar(_ word: [UInt8]) -> JSONValue? {
    let text = String(decoding: word, as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default: break
    }
    guard isNumber(word) else { return nil }
    if let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { return nil }
    return .number(number)
  }

  /// Whether `word` is a number by the grammar of RFC 8259, section 6.
  private static func isNumber(_ word: [UInt8]) -> Bool {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    var rest = word[...]
    func skipDigits() -> Int {
      let count = rest.prefix { digits.contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = skipDigits()
    if whole == 0 || (startsWithZero && whole > 1) { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      if skipDigits() == 0 { return false }
    }
    if let sign = rest.first, sign | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      if skipDigits() == 0 { return false }
    }
    return rest.isEmpty
  }
}
