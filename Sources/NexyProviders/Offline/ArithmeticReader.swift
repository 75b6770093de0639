/// A piece of arithmetic by its meaning.
enum ArithmeticToken: Sendable, Equatable {
  case number(Quantity)
  case operation(ArithmeticOperation)
  /// An operation that may also begin a request: "divide 10 by 2", "вычти 3 из 10".
  case verb(ArithmeticOperation, isReversed: Bool)
  /// Stands between the two numbers of a verb: and, from, к.
  case link
  /// Stands between the two numbers of a verb, and multiplies without one: "пять на пять".
  case by
  /// Takes a share away: "20 percent off 50".
  case off
  case percent
  case share(Int)
  case root(Int)
  /// A power named before its base: the square of 5.
  case powerOf(Int)
  /// A power named after its base: 5 squared.
  case raised(Int)
  case open
  case close
}

/// Finds the meaning of every lexeme of a request, leaving out only what asks and what fills.
enum ArithmeticReader {
  /// The tokens of a request; nil when any part of it is not arithmetic.
  static func tokens(of lexemes: [ArithmeticLexeme]) -> [ArithmeticToken]? {
    var rest = withoutQuestion(lexemes[...])
    var tokens: [ArithmeticToken] = []
    while let first = rest.first {
      if first.isSymbol(among: ",;") {
        guard rest.dropFirst().first?.followsBlank ?? true else { return nil }
        rest = rest.dropFirst()
      } else if let word = first.word, ArithmeticVocabulary.fillers.contains(word) {
        rest = rest.dropFirst()
      } else if let (token, count) = token(rest) {
        tokens += token
        rest = rest.dropFirst(count)
      } else {
        return nil
      }
    }
    return tokens
  }

  private static func token(_ rest: ArraySlice<ArithmeticLexeme>) -> (tokens: [ArithmeticToken], count: Int)? {
    guard let first = rest.first else { return nil }
    if case .symbol(let symbol) = first.kind {
      return symbol == "%" ? percentSign(rest) : ArithmeticVocabulary.symbols[symbol].map { ([$0], 1) }
    }
    if let (power, count) = namedPower(rest) { return ([.raised(power)], count) }
    if let (degree, count) = namedRoot(rest) { return ([.root(degree)], count) }
    let words = rest.prefix(ArithmeticVocabulary.longestPhrase).prefix { $0.word != nil }.compactMap(\.word)
    for count in (1..<words.count + 1).reversed() {
      let phrase = words.prefix(count).joined(separator: " ")
      if let token = ArithmeticVocabulary.phrases[phrase] { return ([token], count) }
    }
    if let word = first.word, let factor = NumberWords.recited[word] {
      return ([.number(.whole(factor)), .operation(.times)], 1)
    }
    if let word = first.word, word.hasPrefix("процент") || word.hasPrefix("percent") { return percentWord(rest) }
    return SpokenNumber.read(rest).map { ([.number($0.quantity)], $0.count) }
  }

  /// "15% 200" leaves out an "of"; "17 % 5" is what programmers write for a remainder.
  private static func percentSign(_ rest: ArraySlice<ArithmeticLexeme>) -> (tokens: [ArithmeticToken], count: Int)? {
    guard let sign = rest.first, let next = rest.dropFirst().first, startsNumber(next) else { return ([.percent], 1) }
    return sign.followsBlank ? ([.operation(.remainder)], 1) : ([.percent, .operation(.of)], 1)
  }

  private static func percentWord(_ rest: ArraySlice<ArithmeticLexeme>) -> (tokens: [ArithmeticToken], count: Int)? {
    guard let next = rest.dropFirst().first, startsNumber(next) else { return ([.percent], 1) }
    return ([.percent, .operation(.of)], 1)
  }

  private static func startsNumber(_ lexeme: ArithmeticLexeme) -> Bool {
    switch lexeme.kind {
    case .number: true
    case .word(let word): NumberWords.small[word] != nil || NumberWords.multipliers[word] != nil
    case .symbol(let symbol): symbol == "("
    case .ordinal: false
    }
  }

  /// "To the third power", "to the 10th", "в третьей степени", "в 10 степени".
  private static func namedPower(_ rest: ArraySlice<ArithmeticLexeme>) -> (power: Int, count: Int)? {
    let first = rest.startIndex
    guard let word = rest.first?.word else { return nil }
    let start = word == "raised" ? 1 : 0
    let words = rest.dropFirst(start).prefix(2).map(\.word)
    let isEnglish = words == ["to", "the"]
    guard isEnglish || words.first == "в" || words.first == "во" else { return nil }
    let index = first + start + (isEnglish ? 2 : 1)
    guard index < rest.endIndex else { return nil }
    let hasNoun = index + 1 < rest.endIndex && ["power", "степени", "степень"].contains(rest[index + 1].word ?? "")
    let power: Int? =
      switch rest[index].kind {
      case .ordinal(let number): hasNoun || isEnglish ? number : nil
      case .number(let quantity): hasNoun ? quantity.wholeNumber : nil
      case .word(let word): hasNoun || isEnglish ? NumberWords.ordinals[word] : nil
      case .symbol: nil
      }
    return power.map { ($0, index - first + (hasNoun ? 2 : 1)) }
  }

  /// "The fourth root of", "the 4th root of", "корень четвёртой степени из".
  private static func namedRoot(_ rest: ArraySlice<ArithmeticLexeme>) -> (degree: Int, count: Int)? {
    let words = rest.prefix(4).map(\.word)
    let isRussian = words.first == "корень" && words.count > 2 && words[2] == "степени"
    guard isRussian || words.count > 1 && words[1] == "root" else { return nil }
    let ordinal = rest[rest.startIndex + (isRussian ? 1 : 0)]
    let degree: Int? =
      switch ordinal.kind {
      case .ordinal(let number): number
      case .word(let word): NumberWords.ordinals[word]
      case .number(let quantity): isRussian ? quantity.wholeNumber : nil
      case .symbol: nil
      }
    guard let degree, (2...10).contains(degree) else { return nil }
    let count = isRussian ? 3 : 2
    return (degree, count + (words.count > count && (words[count] == "of" || words[count] == "из") ? 1 : 0))
  }

  /// The lexemes without the words and signs that make a question of them.
  private static func withoutQuestion(_ lexemes: ArraySlice<ArithmeticLexeme>) -> ArraySlice<ArithmeticLexeme> {
    var lexemes = lexemes
    while let last = lexemes.last {
      let asks = last.word.map { ArithmeticVocabulary.closings.contains($0) } ?? last.isSymbol(among: "=?!.,;:")
      guard asks else { break }
      lexemes = lexemes.dropLast()
    }
    while let first = lexemes.first {
      if first.isSymbol(among: ",:;!") {
        lexemes = lexemes.dropFirst()
      } else {
        let words = lexemes.prefix(8).prefix { $0.word != nil }.compactMap(\.word)
        guard let count = ArithmeticVocabulary.openings.opening(words) else { break }
        lexemes = lexemes.dropFirst(count)
      }
    }
    return lexemes
  }
}
