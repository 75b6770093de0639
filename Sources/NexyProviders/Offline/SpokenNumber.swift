/// A number read from words, digits, or both: "twenty five", "два с половиной", "5 million".
struct SpokenNumber {
  /// The finished thousands and millions.
  private var total = Fraction(0)
  /// The hundreds, tens and units since.
  private var group: Fraction?
  /// What the next word of the group must be less than: after "twenty" only a unit can follow.
  private var groupLimit = 1000
  /// What the next multiplier must be less than: after "million" only "thousand" can follow.
  private var multiplierLimit = Int.max
  private var count = 0

  /// The number that the lexemes start with, and how many of them it takes.
  static func read(_ lexemes: ArraySlice<ArithmeticLexeme>) -> (quantity: Quantity, count: Int)? {
    var number = SpokenNumber()
    let first = lexemes.startIndex
    if case .number(.approximate(let huge)) = lexemes.first?.kind { return (.approximate(huge), 1) }
    while first + number.count < lexemes.endIndex, number.accept(lexemes[(first + number.count)...]) {}
    guard number.count > 0, var value = number.value else { return nil }
    if let tail = decimalTail(lexemes.dropFirst(number.count)), value.isWhole, let sum = value.adding(tail.value) {
      value = sum
      number.count += tail.count
    }
    return (.exact(value), number.count)
  }

  private var value: Fraction? { total.adding(group ?? Fraction(0)) }

  /// Takes the next word or two when they continue the number.
  private mutating func accept(_ rest: ArraySlice<ArithmeticLexeme>) -> Bool {
    guard let next = rest.first else { return false }
    switch next.kind {
    case .number(.exact(let digits)):
      // Digits begin a number or follow a multiplier, "5 thousand 200"; they are no part of "twenty 5".
      guard group == nil, count == 0 || digits.isWhole && digits.double < Double(multiplierLimit) else { return false }
      (group, groupLimit) = (digits, 0)
      count += 1
      return true
    case .word(let word):
      return accept(word, before: rest.dropFirst().first)
    default:
      return false
    }
  }

  private mutating func accept(_ word: String, before next: ArithmeticLexeme?) -> Bool {
    if let small = NumberWords.small[word] {
      guard small > 0 || count == 0 else { return false }
      guard small < groupLimit else { return false }
      guard let sum = (group ?? Fraction(0)).adding(Fraction(Int128(small))) else { return false }
      group = sum
      groupLimit = small == 0 ? 0 : small >= 100 ? 100 : small >= 20 ? 10 : 0
    } else if word == "полтора" || word == "полторы", group == nil, let half = Fraction(3, over: 2) {
      (group, groupLimit) = (half, 0)
    } else if word == "hundred" || word == "hundreds" {
      guard groupLimit < 1000 || group == nil, groupLimit != 100 else { return false }
      let before = group ?? Fraction(1)
      guard before.double < 100, let product = before.multiplied(by: Fraction(100)) else { return false }
      (group, groupLimit) = (product, 100)
    } else if let multiplier = NumberWords.multipliers[word] {
      guard multiplier < multiplierLimit, total.isZero || group != nil,
        let product = (group ?? Fraction(1)).multiplied(by: Fraction(Int128(multiplier))),
        let sum = total.adding(product)
      else { return false }
      (total, group, groupLimit, multiplierLimit) = (sum, nil, 1000, multiplier)
    } else {
      return acceptJoint(word, before: next)
    }
    count += 1
    return true
  }

  /// "A hundred", "one hundred and five": a small word counts when the number goes on after it.
  private mutating func acceptJoint(_ word: String, before next: ArithmeticLexeme?) -> Bool {
    guard let following = next?.word else { return false }
    switch word {
    case "a" where count == 0:
      guard following == "hundred" || NumberWords.multipliers[following] != nil else { return false }
    case "and" where count > 0 && (groupLimit == 100 || group == nil):
      guard let small = NumberWords.small[following], small > 0, small < 100 else { return false }
    default:
      return false
    }
    count += 1
    return true
  }
}

// MARK: - What comes after the point

extension SpokenNumber {
  private static func decimalTail(_ rest: ArraySlice<ArithmeticLexeme>) -> (value: Fraction, count: Int)? {
    if let half = half(rest) { return half }
    guard let mark = rest.first?.word else { return nil }
    return switch mark {
    case "point", "dot", "запятая", "точка": digitsAfterPoint(rest.dropFirst())
    case "целых", "целая", "целые", "целой": russianDecimals(rest.dropFirst())
    default: nil
    }
  }

  /// "And a half", "с половиной".
  private static func half(_ rest: ArraySlice<ArithmeticLexeme>) -> (value: Fraction, count: Int)? {
    guard let half = Fraction(1, over: 2) else { return nil }
    let words = rest.prefix(3).compactMap(\.word)
    if words == ["and", "a", "half"] { return (half, 3) }
    return words.prefix(2) == ["с", "половиной"] ? (half, 2) : nil
  }

  /// "Point one four": each word a digit, or digits as they are written.
  private static func digitsAfterPoint(_ rest: ArraySlice<ArithmeticLexeme>) -> (value: Fraction, count: Int)? {
    var (digits, count) = ("", 1)
    if let written = rest.first, case .number(let quantity) = written.kind, let number = quantity.wholeNumber {
      (digits, count) = (String(number), 2)
    } else if let number = rest.first?.word.flatMap({ NumberWords.small[$0] }), number >= 10 {
      // "Two point twenty five" is two words for two digits.
      guard let (spoken, taken) = read(rest), let number = spoken.wholeNumber else { return nil }
      (digits, count) = (String(number), 1 + taken)
    } else {
      for lexeme in rest {
        guard let digit = lexeme.word.flatMap({ NumberWords.small[$0] }), digit < 10 else { break }
        digits += String(digit)
        count += 1
      }
    }
    guard !digits.isEmpty, digits.count <= 18, let decimals = Int128(digits),
      let scale = Fraction(10).raised(to: digits.count), let value = Fraction(decimals, over: scale.numerator)
    else { return nil }
    return (value, count)
  }

  /// "Две целых пять десятых", with or without "и".
  private static func russianDecimals(_ rest: ArraySlice<ArithmeticLexeme>) -> (value: Fraction, count: Int)? {
    let and = rest.first?.word == "и" ? 1 : 0
    guard let (quantity, taken) = read(rest.dropFirst(and)), let number = quantity.wholeNumber,
      let unit = rest.dropFirst(and + taken).first?.word, let parts = NumberWords.russianParts[unit], number < parts,
      let value = Fraction(Int128(number), over: Int128(parts))
    else { return nil }
    return (value, 1 + and + taken + 1)
  }
}
