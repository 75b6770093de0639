import NexyCore

/// Reads one JSON value byte by byte: gives out its text while the string is still open, keeps its command.
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
  /// Whether the last byte stood inside the text.
  var isInText: Bool { expected == .spoken }
  /// Whether the last byte stood inside a string.
  var isInString: Bool {
    switch expected {
    case .key, .string, .spoken: true
    default: false
    }
  }

  /// The command of the whole value, if it names one.
  var command: ProposedCommand? { Self.reply(in: tree.root?.object).flatMap(Self.command) }

  /// The command of an object of which nothing but its last bracket is missing: command, args and text are there.
  var unclosedCommand: ProposedCommand? {
    guard expected == .commaOrEnd, tree.depth == 1, let reply = Self.reply(in: tree.outermost),
      reply["args"] != nil, reply["text"] != nil
    else { return nil }
    return Self.command(of: reply)
  }

  private static func reply(in top: [String: JSONValue]?) -> [String: JSONValue]? {
    guard let top, top["command"] == nil else { return top }
    return top["payload"]?.object ?? top
  }

  private static func command(of reply: [String: JSONValue]) -> ProposedCommand? {
    guard let name = reply["command"]?.string, !name.isEmpty else { return nil }
    return ProposedCommand(name: name, arguments: reply["args"] ?? .object([:]))
  }

  /// Appends what the byte adds to the reply's text to `text`.
  mutating func take(_ byte: UInt8, into text: inout [UInt8]) -> Step {
    size += 1
    if size == limit + 1 { tree.forget() }
    switch expected {
    case .key, .string, .spoken: return takeInString(byte, into: &text)
    case .word: return takeInWord(byte)
    default: return takeBetween(byte)
    }
  }

  private mutating func takeInString(_ byte: UInt8, into text: inout [UInt8]) -> Step {
    let known = token.count
    let step = string.take(byte, into: &token)
    if expected == .spoken { text += token[known...] }
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
