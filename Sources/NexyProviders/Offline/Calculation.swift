import NexyCore

/// A request to calculate, read whole: nothing in it is left over.
struct Calculation: Sendable, Equatable {
  /// What was understood; a failure when it is arithmetic, and more than is calculated.
  let expression: Result<ArithmeticExpression, CalculationFailure>

  /// Reads arithmetic in digits, signs and words; nil when the text is anything else.
  init?(reading text: String, language: Language) {
    guard !DigitLabel.isIn(text),
      let lexemes = ArithmeticLexer.lexemes(of: text, language: language),
      let tokens = ArithmeticReader.tokens(of: lexemes)
    else { return nil }
    do {
      guard let expression = try ArithmeticParser.expression(of: tokens), expression.isOperation else { return nil }
      self.expression = .success(expression)
    } catch {
      expression = .failure(error)
    }
  }

  /// The answer as a sentence.
  func answer(in language: Language) -> Result<String, CalculationFailure> {
    do throws(CalculationFailure) {
      let expression = try expression.get()
      let result = SpokenQuantity(try expression.value(), in: language)
      // "10 to the power of 15 is 10 to the power of 15" says nothing twice.
      let spoken = expression.spoken(in: language).flatMap { $0 == result.text ? nil : $0 }
      let repeated = spoken.map { $0.prefix(1).uppercased() + $0.dropFirst() }
      let sentence =
        switch language {
        case .english: "\(repeated.map { "\($0) is" } ?? "That's") \(result.isExact ? "" : "about ")\(result.text)."
        case .russian:
          "\(repeated.map { "\($0) будет" } ?? "Получится") \(result.isExact ? "" : "примерно ")\(result.text)."
        }
      return .success(sentence)
    } catch {
      return .failure(error)
    }
  }
}

extension ArithmeticExpression {
  /// Whether there is anything to calculate.
  fileprivate var isOperation: Bool {
    switch self {
    case .number, .share: false
    case .negated(let operand): operand.isOperation
    // "15 percent" alone asks nothing.
    case .percent(let operand): operand.isOperation
    case .root, .operation: true
    }
  }
}
