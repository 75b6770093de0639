import NexyCore

/// Reads one JSON value byte by byte: says its text while the string is still open, keeps the rest for its command.
///
/// The text is the first string under the top-level key `text`, or under that key of the `payload` of an
/// event/payload wrapper. A comma before a closing bracket is let pass.
struct ReplyScanner: Sendable {
  enum Step { case more, whole, malformed }

  private enum Expected { case value, valueOrEnd, keyOrEnd, colon, commaOrEnd, key, string, spoken, word }
  private enum Role { case other, text, payload }

  private let limit: Int
  private var size = 0
  private var expected = Expected.value
  private var tree = ReplyTree()
  private var string = ReplyString()
  private var token: [UInt8] = []
  /// What the value that comes next is to the reply.
  private var role = Role.other
  private var hasText = false
  private var isReply = false
  private var isInPayload = false

  init(limit: Int) { self.limit = limit }

  /// Whether the value outgrew what is kept of it.
  var isTooLong: Bool { size > limit }
  /// How many brackets are open.
  var depth: Int { tree.depth }
  /// Whether the last byte stood inside a string.
  var isInString: Bool {
    switch expected {
    case .key, .string, .spoken: true
    default: false
    }
  }

  /// The command of the whole value, if it names one.
  var command: ProposedCommand? {
    guard let top = tree.root?.object else { return nil }
    let reply = top["command"] == nil ? top["payload"]?.object ?? top : top
    guard let name = reply["command"]?.string, !name.isEmpty else { return nil }
    return ProposedCommand(name: name, arguments: reply["args"] ?? .object([:]))
  }

  mutating func take(_ byte: UInt8, saying outlet: inout ReplyOutlet) -> Step {
    size += 1
    if size == limit + 1 { tree.forget() }
    switch expected {
    case .key, .string, .spoken: return takeInString(byte, saying: &outlet)
    case .word: return takeInWord(byte)
    default: return takeBetween(byte)
    }
  }

  private mutating func takeInString(_ byte: UInt8, saying outlet: inout ReplyOutlet) -> Step {
    let known = token.count
    let step = string.take(byte, into: &token)
    if expected == .spoken { outlet.say(token[known...]) }
    switch step {
    case .malformed: return .malformed
    case .more:
      if isTooLong, expected != .key || token.count > limit { token.removeAll(keepingCapacity: true) }
    case .closed:
      if expected == .key {
        noteKey()
        expected = .colon
      } else {
        tree.add(.string(String(decoding: token, as: UTF8.self)))
        expected = .commaOrEnd
      }
    }
    return .more
  }

  private mutating func takeInWord(_ byte: UInt8) -> Step {
    if ReplyByte.isWord(byte) {
      if token.count <= limit { token.append(byte) }
      return .more
    }
    guard let value = ReplyTree.scalar(token) else { return .malformed }
    tree.add(value)
    expected = .commaOrEnd
    return takeBetween(byte)
  }

  private mutating func takeBetween(_ byte: UInt8) -> Step {
    if ReplyByte.isWhite(byte) { return .more }
    switch (expected, byte) {
    case (.keyOrEnd, ReplyByte.quote): start(.key)
    case (.colon, ReplyByte.colon): expected = .value
    case (.commaOrEnd, ReplyByte.comma): expected = tree.isInObject ? .keyOrEnd : .valueOrEnd
    case (.keyOrEnd, ReplyByte.closeBrace), (.valueOrEnd, ReplyByte.closeBracket): return close()
    case (.commaOrEnd, ReplyByte.closeBrace) where tree.isInObject: return close()
    case (.commaOrEnd, ReplyByte.closeBracket) where !tree.isInObject: return close()
    case (.value, _), (.valueOrEnd, _): return startValue(byte)
    default: return .malformed
    }
    return .more
  }

  private mutating func startValue(_ byte: UInt8) -> Step {
    let role = role
    self.role = .other
    switch byte {
    case ReplyByte.quote:
      start(role == .text && !hasText ? .spoken : .string)
      if expected == .spoken { hasText = true }
    case ReplyByte.openBrace, ReplyByte.openBracket:
      guard tree.depth < ReplyTree.deepest else { return .malformed }
      let isObject = byte == ReplyByte.openBrace
      tree.open(object: isObject)
      if role == .payload { isInPayload = isObject }
      expected = isObject ? .keyOrEnd : .valueOrEnd
    default:
      guard ReplyByte.isWord(byte) else { return .malformed }
      token = [byte]
      expected = .word
    }
    return .more
  }

  private mutating func start(_ kind: Expected) {
    token.removeAll(keepingCapacity: true)
    string = ReplyString()
    expected = kind
  }

  private mutating func close() -> Step {
    tree.close()
    if tree.depth < 2 { isInPayload = false }
    expected = .commaOrEnd
    return tree.depth == 0 ? .whole : .more
  }

  private mutating func noteKey() {
    tree.name(token)
    guard tree.depth == 1 || (tree.depth == 2 && isInPayload) else { return }
    let isReplyKey = ReplyOpening.replyKeys.contains { $0.elementsEqual(token) }
    if tree.depth == 1, isReplyKey { isReply = true }
    if token.elementsEqual("text".utf8) {
      role = .text
    } else if tree.depth == 1, !isReply, token.elementsEqual("payload".utf8) {
      role = .payload
    } else {
      role = .other
    }
  }
}
