import NexyCore

extension ArithmeticExpression {
  /// The calculation in words; nil when it is too long to repeat or would need parentheses, which nobody hears.
  func spoken(in language: Language) -> String? {
    guard operations <= 3 else { return nil }
    return spoken(in: language, tighterThan: .sum)
  }

  /// How many operations the calculation has.
  private var operations: Int {
    switch self {
    case .number, .share: 0
    case .negated(let operand), .percent(let operand): operand.operations
    case .root(_, let operand): operand.operations + 1
    case .operation(_, let left, let right): left.operations + right.operations + 1
    }
  }

  /// How tightly an expression holds together without parentheses.
  private enum Binding: Int {
    case sum, product, sign, power, postfix, atom
  }

  private var binding: Binding {
    switch self {
    case .number, .share: .atom
    case .root: .postfix
    case .negated: .sign
    case .percent: .postfix
    case .operation(.plus, _, _), .operation(.minus, _, _): .sum
    case .operation(.power, _, _): .power
    case .operation: .product
    }
  }

  private func spoken(in language: Language, tighterThan least: Binding) -> String? {
    guard binding.rawValue >= least.rawValue else { return nil }
    let words = ExpressionWords(language: language)
    switch self {
    case .number(let quantity):
      let spoken = SpokenQuantity(quantity, in: language)
      return spoken.isExact && spoken.isPlain ? spoken.text : nil
    case .negated(let operand):
      return operand.spoken(in: language, tighterThan: .power).map { "\(words.minus) \($0)" }
    case .percent(let operand):
      guard case .number(let count) = operand, let number = operand.spoken(in: language, tighterThan: .atom)
      else { return nil }
      return "\(number) \(words.percent(count))"
    case .share(let parts):
      return words.share(parts)
    case .root(let degree, .negated(let operand)):
      return operand.spoken(in: language, tighterThan: .atom).map { "\(words.root(degree)) \(words.minus) \($0)" }
    case .root(let degree, let operand):
      return operand.spoken(in: language, tighterThan: .atom).map { "\(words.root(degree)) \($0)" }
    case .operation(.power, let base, let exponent):
      guard let left = base.spoken(in: language, tighterThan: .atom) else { return nil }
      if case .number(let count) = exponent, let named = words.namedPower(count) { return "\(left) \(named)" }
      return exponent.spoken(in: language, tighterThan: .sign).map { "\(left) \(words.between(.power)) \($0)" }
    case .operation(let operation, let first, let second):
      let (left, right): (Binding, Binding) = binding == .sum ? (.sum, .product) : (.product, .sign)
      guard let one = first.spoken(in: language, tighterThan: left),
        let other = second.spoken(in: language, tighterThan: right)
      else { return nil }
      return "\(one) \(words.between(operation)) \(other)"
    }
  }
}

/// The words of arithmetic.
private struct ExpressionWords {
  let language: Language

  var minus: String { say("minus", "минус") }

  func between(_ operation: ArithmeticOperation) -> String {
    switch operation {
    case .plus: say("plus", "плюс")
    case .minus: minus
    case .times: say("times", "умножить на")
    case .divided: say("divided by", "разделить на")
    case .remainder: say("modulo", "по модулю")
    case .power: say("to the power of", "в степени")
    case .of: say("of", "от")
    }
  }

  func percent(_ count: Quantity) -> String {
    // A number that is not whole takes the noun as two does: 2,5 процента.
    say("percent", count.wholeNumber.map { RussianPlural.percent.form(for: abs($0)) } ?? RussianPlural.percent.few)
  }

  func share(_ parts: Int) -> String {
    switch parts {
    case 2: say("half", "половина")
    case 3: say("a third", "треть")
    default: say("a quarter", "четверть")
    }
  }

  func root(_ degree: Int) -> String {
    switch degree {
    case 2: say("the square root of", "квадратный корень из")
    case 3: say("the cube root of", "кубический корень из")
    case 4...10:
      say("the \(Self.ordinals[degree - 4]) root of", "корень \(Self.russianOrdinals[degree - 4]) степени из")
    default: say("the root of", "корень из")
    }
  }

  /// From the fourth to the tenth.
  private static let ordinals = ["fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
  private static let russianOrdinals = [
    "четвёртой", "пятой", "шестой", "седьмой", "восьмой", "девятой", "десятой",
  ]

  func namedPower(_ exponent: Quantity) -> String? {
    switch exponent.wholeNumber {
    case 2: say("squared", "в квадрате")
    case 3: say("cubed", "в кубе")
    default: nil
    }
  }

  private func say(_ english: String, _ russian: String) -> String {
    switch language {
    case .english: english
    case .russian: russian
    }
  }
}
