import NexyCore

/// A piece of arithmetic as it is written.
struct ArithmeticLexeme: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case number(Quantity)
    /// A number with an ending: 3rd, 3-й.
    case ordinal(Int)
    /// A word in its key form.
    case word(String)
    case symbol(Character)
  }

  var kind: Kind
  /// Whether a blank separates it from what is before it.
  var followsBlank: Bool

  var word: String? {
    if case .word(let key) = kind { key } else { nil }
  }

  func isSymbol(among symbols: String) -> Bool {
    if case .symbol(let symbol) = kind { symbols.contains(symbol) } else { false }
  }
}

/// Cuts text into numbers, words and signs.
struct ArithmeticLexer {
  private let characters: [Character]
  private let language: Language
  private var position = 0

  /// The pieces of a text; nil when a sign among them is none of arithmetic's.
  static func lexemes(of text: String, language: Language) -> [ArithmeticLexeme]? {
    var lexer = ArithmeticLexer(characters: Array(text), language: language)
    var lexemes: [ArithmeticLexeme] = []
    while lexer.position < lexer.characters.count {
      let start = lexer.position
      lexer.skip(while: \.isWhitespace)
      guard lexer.position < lexer.characters.count else { break }
      let followsBlank = lexer.position > start
      switch lexer.next() {
      case .some(let kind): lexemes.append(ArithmeticLexeme(kind: kind, followsBlank: followsBlank))
      case nil: return nil
      }
    }
    return lexemes
  }

  private init(characters: [Character], language: Language) {
    self.characters = characters
    self.language = language
  }

  private mutating func next() -> ArithmeticLexeme.Kind? {
    let character = characters[position]
    if Self.isDigit(character) { return numberOrOrdinal() }
    if character.isLetter { return .word(word()) }
    if character == ".", position + 1 < characters.count, Self.isDigit(characters[position + 1]) {
      position += 1
      return Self.quantity(ofDecimal: "0", digits()).map { .number($0) }
    }
    position += 1
    guard let symbol = Self.symbols[character] else { return nil }
    if symbol == "*", position < characters.count, characters[position] == "*" {
      position += 1
      return .symbol("^")
    }
    return .symbol(symbol)
  }

  // MARK: - Words

  private mutating func word() -> String {
    let start = position
    skip { $0.isLetter || $0 == "'" || $0 == "’" }
    let key = SpokenRequest.key(of: String(characters[start..<position]))
    // A hyphen between letters joins a compound, "twenty-five"; it never subtracts.
    if position + 1 < characters.count, characters[position] == "-", characters[position + 1].isLetter { position += 1 }
    return key
  }

  // MARK: - Numbers

  private mutating func numberOrOrdinal() -> ArithmeticLexeme.Kind? {
    var groups = [digits()]
    var separators: [Character] = []
    while let separator = separator(after: groups) {
      position += 1
      separators.append(separator)
      groups.append(digits())
    }
    if separators.isEmpty, let ordinal = ordinal(groups[0]) { return .ordinal(ordinal) }
    return quantity(groups, separators).map { .number($0) }
  }

  /// The separator at the present position, when the number goes on after it.
  private func separator(after groups: [String]) -> Character? {
    guard position + 1 < characters.count, Self.isDigit(characters[position + 1]) else { return nil }
    let separator = characters[position]
    if separator == "." || separator == "," { return separator }
    // A blank separates thousands only: three digits, and a first group of no more than three.
    guard separator.isWhitespace, groups[0].count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    let following = characters[(position + 1)...].prefix { Self.isDigit($0) }
    return following.count == 3 ? " " : nil
  }

  private mutating func ordinal(_ number: String) -> Int? {
    var end = position
    if end < characters.count, characters[end] == "-" { end += 1 }
    let start = end
    while end < characters.count, characters[end].isLetter { end += 1 }
    guard end > start, Self.ordinalEndings.contains(String(characters[start..<end]).lowercased()) else { return nil }
    position = end
    return Int(number)
  }

  /// The number that groups of digits make: which separator is decimal depends on the language where it is unclear.
  private func quantity(_ groups: [String], _ separators: [Character]) -> Quantity? {
    guard let last = separators.last else { return Self.quantity(ofDecimal: groups[0], "") }
    let grouping = separators.first ?? last
    let areThousands =
      groups[0].count <= 3 && groups[0] != "0" && separators.allSatisfy { $0 == grouping }
      && groups.dropFirst().allSatisfy { $0.count == 3 }
    let isOneThousands = last == " " || last == "," && language == .english
    if areThousands, separators.count > 1 || isOneThousands { return Self.quantity(ofDecimal: groups.joined(), "") }
    guard last != " ", !separators.dropLast().contains(last) else { return nil }
    guard groups.dropFirst().dropLast().allSatisfy({ $0.count == 3 }) else { return nil }
    return Self.quantity(ofDecimal: groups.dropLast().joined(), groups[groups.count - 1])
  }

  private static func quantity(ofDecimal whole: String, _ decimals: String) -> Quantity? {
    if let digits = Int128(whole + decimals), let scale = Fraction(10).raised(to: decimals.count),
      let fraction = Fraction(digits, over: scale.numerator)
    {
      return .exact(fraction)
    }
    return Double("\(whole).\(decimals.isEmpty ? "0" : decimals)").flatMap { $0.isFinite ? .approximate($0) : nil }
  }

  // MARK: - Characters

  private mutating func digits() -> String {
    let start = position
    skip(while: Self.isDigit)
    return String(characters[start..<position])
  }

  private mutating func skip(while condition: (Character) -> Bool) {
    while position < characters.count, condition(characters[position]) { position += 1 }
  }

  private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

  private static let ordinalEndings: Set<String> = [
    "st", "nd", "rd", "th", "й", "я", "ой", "ей", "ая", "ю", "ую", "го", "м", "ом",
  ]

  /// The signs of arithmetic in all their spellings, and the punctuation around them.
  private static let symbols: [Character: Character] = [
    "+": "+", "-": "-", "−": "-", "–": "-", "—": "-", "*": "*", "×": "*", "·": "*", "⋅": "*", "∙": "*", "•": "*",
    "/": "/", "÷": "/", ":": ":", "∕": "/", "^": "^", "%": "%", "(": "(", ")": ")", "√": "√", "²": "²", "³": "³",
    "=": "=", "?": "?", "!": "!", ".": ".", ",": ",", ";": ";", "…": ".",
  ]
}
