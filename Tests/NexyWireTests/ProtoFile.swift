/// As much of proto3 as the contract uses: messages, oneofs, enums, fields, one service.
struct ProtoFile {
  struct Field: Hashable, CustomStringConvertible {
    var label: String
    var type: String
    var name: String
    var number: Int

    /// As it is written, such as `optional string screenshot = 2`.
    var description: String { "\(label.isEmpty ? "" : label + " ")\(type) \(name) = \(number)" }
  }

  private(set) var name = ""
  private(set) var messages: [String: [Field]] = [:]
  private(set) var enums: [String: [String: Int]] = [:]
  private(set) var methods: [String: [String]] = [:]

  init(_ text: String) throws {
    let code = text.split(separator: "\n").map { $0.prefix(upTo: $0.firstRange(of: "//")?.lowerBound ?? $0.endIndex) }
    var tokens = Tokens(code.joined(separator: "\n"))
    while let word = tokens.next() {
      switch word {
      case "syntax": _ = try tokens.statement()
      case "package": name = try tokens.statement().joined()
      case "message": try readMessage(&tokens)
      case "enum": try readEnum(&tokens)
      case "service": try readService(&tokens)
      default: throw Unexpected(word: word)
      }
    }
  }

  struct Unexpected: Error {
    let word: String
  }

  private mutating func readMessage(_ tokens: inout Tokens) throws {
    let name = try tokens.word()
    try tokens.expect("{")
    var fields: [Field] = []
    while try tokens.peek() != "}" {
      if try tokens.peek() == "oneof" {
        _ = try tokens.word()
        let group = try tokens.word()
        try tokens.expect("{")
        while try tokens.peek() != "}" { fields.append(try readField(&tokens, label: "oneof \(group)")) }
        try tokens.expect("}")
      } else {
        fields.append(try readField(&tokens, label: ""))
      }
    }
    try tokens.expect("}")
    messages[name] = fields
  }

  private func readField(_ tokens: inout Tokens, label: String) throws -> Field {
    var words = try tokens.statement()[...]
    var label = label
    if let first = words.first, ["optional", "repeated"].contains(first) { label = words.removeFirst() }
    guard words.count >= 4, let number = Int(words.removeLast()), words.removeLast() == "=" else {
      throw Unexpected(word: words.joined(separator: " "))
    }
    let name = words.removeLast()
    return Field(label: label, type: words.joined(), name: name, number: number)
  }

  private mutating func readEnum(_ tokens: inout Tokens) throws {
    let name = try tokens.word()
    try tokens.expect("{")
    var values: [String: Int] = [:]
    while try tokens.peek() != "}" {
      let words = try tokens.statement()
      guard words.count == 3, words[1] == "=", let number = Int(words[2]), values[words[0]] == nil else {
        throw Unexpected(word: words.joined(separator: " "))
      }
      values[words[0]] = number
    }
    try tokens.expect("}")
    enums[name] = values
  }

  private mutating func readService(_ tokens: inout Tokens) throws {
    let name = try tokens.word()
    try tokens.expect("{")
    var lines: [String] = []
    while try tokens.peek() != "}" { lines.append(try tokens.statement().joined(separator: " ")) }
    try tokens.expect("}")
    methods[name] = lines
  }

  /// Words and single marks of a text.
  private struct Tokens {
    private var rest: ArraySlice<String>

    init(_ text: String) {
      var words: [String] = []
      var word = ""
      for character in text {
        let isMark = "{}();=<>,".contains(character)
        if isMark || character.isWhitespace {
          if !word.isEmpty { words.append(word) }
          word = ""
          if isMark { words.append(String(character)) }
        } else {
          word.append(character)
        }
      }
      rest = words[...]
    }

    mutating func next() -> String? { rest.popFirst() }

    mutating func word() throws -> String {
      guard let word = next() else { throw Unexpected(word: "the end") }
      return word
    }

    func peek() throws -> String {
      guard let word = rest.first else { throw Unexpected(word: "the end") }
      return word
    }

    mutating func expect(_ mark: String) throws {
      let word = try word()
      guard word == mark else { throw Unexpected(word: word) }
    }

    /// The words up to the next semicolon.
    mutating func statement() throws -> [String] {
      var words: [String] = []
      while true {
        let word = try word()
        if word == ";" { return words }
        words.append(word)
      }
    }
  }
}
