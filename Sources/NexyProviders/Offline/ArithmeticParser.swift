/// Reads tokens by the rules of precedence: powers from the right, then signs, products, sums.
struct ArithmeticParser {
  private var tokens: ArraySlice<ArithmeticToken>
  private var depth = 0
  /// Whether a verb has said what is done, so that "by" only joins its numbers.
  private var followsVerb = false

  /// How deeply a calculation may be nested.
  static let deepest = 50

  /// The calculation that the tokens make; nil when they make none.
  static func expression(of tokens: [ArithmeticToken]) throws(CalculationFailure) -> ArithmeticExpression? {
    var parser = ArithmeticParser(tokens: tokens[...])
    let expression = try parser.request()
    return parser.tokens.isEmpty ? expression : nil
  }

  private init(tokens: ArraySlice<ArithmeticToken>) { self.tokens = tokens }

  /// A verb with its two numbers, or a sum.
  private mutating func request() throws(CalculationFailure) -> ArithmeticExpression? {
    if case .verb(let operation, let isReversed) = tokens.first {
      tokens = tokens.dropFirst()
      followsVerb = true
      // "Прибавь к двум три" names the numbers in the order of the sum.
      let startsWithLink = takeLink()
      guard let first = try sum(), takeLink() || startsWithLink, let second = try sum() else { return nil }
      return isReversed && !startsWithLink
        ? .operation(operation, second, first) : .operation(operation, first, second)
    }
    // "К двум прибавить три".
    _ = takeLink()
    return try sum()
  }

  private mutating func sum() throws(CalculationFailure) -> ArithmeticExpression? {
    guard var left = try product() else { return nil }
    while let operation = sign(among: [.plus, .minus]) {
      tokens = tokens.dropFirst()
      guard let right = try product() else { return nil }
      left = .operation(operation, left, right)
    }
    return left
  }

  private mutating func product() throws(CalculationFailure) -> ArithmeticExpression? {
    guard var left = try signed() else { return nil }
    while true {
      let operation: ArithmeticOperation
      if let next = sign(among: [.times, .divided, .remainder]) {
        operation = next
        tokens = tokens.dropFirst()
      } else if tokens.first == .operation(.of), left.isShare {
        operation = .of
        tokens = tokens.dropFirst()
      } else if tokens.first == .by, !followsVerb {
        operation = .times
        tokens = tokens.dropFirst()
      } else if tokens.first == .off, case .percent = left {
        tokens = tokens.dropFirst()
        guard let whole = try signed() else { return nil }
        return .operation(.minus, whole, left)
      } else if tokens.first == .open {
        operation = .times
      } else {
        return left
      }
      guard let right = try signed() else { return nil }
      left = .operation(operation, left, right)
    }
  }

  private mutating func signed() throws(CalculationFailure) -> ArithmeticExpression? {
    switch tokens.first {
    case .operation(.minus):
      tokens = tokens.dropFirst()
      return try nested { parser throws(CalculationFailure) in try parser.signed() }.map { .negated($0) }
    case .operation(.plus):
      tokens = tokens.dropFirst()
      return try nested { parser throws(CalculationFailure) in try parser.signed() }
    default:
      return try power()
    }
  }

  private mutating func power() throws(CalculationFailure) -> ArithmeticExpression? {
    guard let base = try postfix() else { return nil }
    guard tokens.first == .operation(.power) else { return base }
    tokens = tokens.dropFirst()
    guard let exponent = try nested({ parser throws(CalculationFailure) in try parser.signed() }) else { return nil }
    return .operation(.power, base, exponent)
  }

  private mutating func postfix() throws(CalculationFailure) -> ArithmeticExpression? {
    guard var operand = try prefix() else { return nil }
    while let next = tokens.first {
      switch next {
      case .raised(let power): operand = .operation(.power, operand, .number(.whole(power)))
      case .percent: operand = .percent(operand)
      default: return operand
      }
      tokens = tokens.dropFirst()
    }
    return operand
  }

  private mutating func prefix() throws(CalculationFailure) -> ArithmeticExpression? {
    guard let first = tokens.popFirst() else { return nil }
    switch first {
    case .number(let quantity):
      return .number(quantity)
    case .open:
      guard let inner = try nested({ parser throws(CalculationFailure) in try parser.sum() }) else { return nil }
      return tokens.popFirst() == .close ? inner : nil
    case .root(let degree):
      takeOf()
      return try operand().map { .root(degree, $0) }
    case .powerOf(let power):
      takeOf()
      return try operand().map { .operation(.power, $0, .number(.whole(power))) }
    case .share(let parts):
      takeOf()
      guard startsOperand else { return .share(parts) }
      return try operand().map { .operation(.of, .share(parts), $0) }
    default:
      return nil
    }
  }

  /// What a word before it takes: one number, also with its sign.
  private mutating func operand() throws(CalculationFailure) -> ArithmeticExpression? {
    guard tokens.first == .operation(.minus) else {
      return try nested { parser throws(CalculationFailure) in try parser.prefix() }
    }
    tokens = tokens.dropFirst()
    return try nested { parser throws(CalculationFailure) in try parser.operand() }.map { .negated($0) }
  }

  private mutating func nested(
    _ read: (inout ArithmeticParser) throws(CalculationFailure) -> ArithmeticExpression?
  ) throws(CalculationFailure) -> ArithmeticExpression? {
    guard depth < Self.deepest else { throw .tooDeep }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  /// The operation of the next token when it is one of these, written as a sign or as a verb.
  private func sign(among operations: [ArithmeticOperation]) -> ArithmeticOperation? {
    switch tokens.first {
    case .operation(let operation), .verb(let operation, _): operations.contains(operation) ? operation : nil
    default: nil
    }
  }

  /// Whether a number comes next, by itself or behind a word that takes one.
  private var startsOperand: Bool {
    switch tokens.first {
    case .number, .share, .root, .powerOf, .open: true
    default: false
    }
  }

  private mutating func takeLink() -> Bool {
    guard [.link, .by, .operation(.of)].contains(tokens.first) else { return false }
    tokens = tokens.dropFirst()
    return true
  }

  private mutating func takeOf() {
    if tokens.first == .operation(.of) { tokens = tokens.dropFirst() }
  }
}

extension ArithmeticExpression {
  /// Whether "of" can follow: "15 percent of", never "3 of".
  fileprivate var isShare: Bool {
    switch self {
    case .percent, .share: true
    default: false
    }
  }
}
