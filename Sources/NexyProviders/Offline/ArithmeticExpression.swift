import NexyCore

/// An operation between two numbers.
enum ArithmeticOperation: Sendable, Equatable {
  case plus
  case minus
  case times
  case divided
  case remainder
  case power
  /// A share of something: 15 percent of 200.
  case of
}

/// A calculation as it was understood.
indirect enum ArithmeticExpression: Sendable, Equatable {
  case number(Quantity)
  case negated(ArithmeticExpression)
  case percent(ArithmeticExpression)
  /// One half, one third, one quarter of what `of` joins it to.
  case share(Int)
  case root(Int, ArithmeticExpression)
  case operation(ArithmeticOperation, ArithmeticExpression, ArithmeticExpression)

  func value() throws(CalculationFailure) -> Quantity {
    switch self {
    case .number(let quantity): return quantity
    case .negated(let operand): return try operand.value().negated()
    case .percent(let operand): return try operand.value().divided(by: .whole(100))
    case .share(let parts): return try Quantity.whole(1).divided(by: .whole(parts))
    case .root(let degree, let operand): return try operand.value().root(degree)
    // Ten percent more is ten percent of what is there.
    case .operation(.plus, let left, .percent(let share)):
      let base = try left.value()
      return try base.adding(ArithmeticExpression.percent(share).value().multiplied(by: base))
    case .operation(.minus, let left, .percent(let share)):
      let base = try left.value()
      return try base.subtracting(ArithmeticExpression.percent(share).value().multiplied(by: base))
    case .operation(let operation, let left, let right):
      return try operation.apply(left.value(), right.value())
    }
  }
}

extension ArithmeticOperation {
  fileprivate func apply(_ left: Quantity, _ right: Quantity) throws(CalculationFailure) -> Quantity {
    switch self {
    case .plus: try left.adding(right)
    case .minus: try left.subtracting(right)
    case .times, .of: try left.multiplied(by: right)
    case .divided: try left.divided(by: right)
    case .remainder: try left.remainder(dividingBy: right)
    case .power: try left.raised(to: right)
    }
  }
}
