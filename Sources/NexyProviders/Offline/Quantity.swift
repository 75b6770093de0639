#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Why there is no result to say.
enum CalculationFailure: Error, Sendable, Equatable {
  case divisionByZero
  case noRealRoot
  case tooLarge
  case tooDeep
}

/// A number of a calculation: exact for as long as it can be.
enum Quantity: Sendable, Equatable {
  case exact(Fraction)
  case approximate(Double)

  static func whole(_ number: Int) -> Quantity { .exact(Fraction(Int128(number))) }

  var double: Double {
    switch self {
    case .exact(let fraction): fraction.double
    case .approximate(let number): number
    }
  }

  var isZero: Bool {
    switch self {
    case .exact(let fraction): fraction.isZero
    case .approximate(let number): number == 0
    }
  }

  /// The whole number that this is, when it is one that fits.
  var wholeNumber: Int? {
    guard case .exact(let fraction) = self, fraction.isWhole else { return nil }
    return Int(exactly: fraction.numerator)
  }

  func negated() throws(CalculationFailure) -> Quantity {
    try combined(with: self, exactly: { one, _ in one.negated }, roughly: { one, _ in -one })
  }

  func adding(_ other: Quantity) throws(CalculationFailure) -> Quantity {
    try combined(with: other, exactly: { $0.adding($1) }, roughly: +)
  }

  func subtracting(_ other: Quantity) throws(CalculationFailure) -> Quantity {
    try adding(other.negated())
  }

  func multiplied(by other: Quantity) throws(CalculationFailure) -> Quantity {
    try combined(with: other, exactly: { $0.multiplied(by: $1) }, roughly: *)
  }

  func divided(by other: Quantity) throws(CalculationFailure) -> Quantity {
    guard !other.isZero else { throw .divisionByZero }
    return try combined(
      with: other, exactly: { one, other in other.inverse.flatMap { one.multiplied(by: $0) } }, roughly: /)
  }

  /// What is left of a division of whole numbers, with the divisor's sign.
  func remainder(dividingBy other: Quantity) throws(CalculationFailure) -> Quantity {
    guard !other.isZero else { throw .divisionByZero }
    guard case (.exact(let one), .exact(let other)) = (self, other), one.isWhole, other.isWhole else {
      let (one, other) = (double, other.double)
      return try .rough(one - other * (one / other).rounded(.down))
    }
    let left = one.numerator % other.numerator
    return .exact(Fraction(left != 0 && (left < 0) != other.isNegative ? left + other.numerator : left))
  }

  func root(_ degree: Int) throws(CalculationFailure) -> Quantity {
    if double < 0 {
      guard degree % 2 == 1 else { throw .noRealRoot }
      return try negated().root(degree).negated()
    }
    if case .exact(let fraction) = self, let root = fraction.root(degree) { return .exact(root) }
    return try .rough(degree == 2 ? double.squareRoot() : pow(double, 1 / Double(degree)))
  }

  func raised(to exponent: Quantity) throws(CalculationFailure) -> Quantity {
    if exponent.double < 0 {
      guard !isZero else { throw .divisionByZero }
      return try Quantity.whole(1).divided(by: raised(to: exponent.negated()))
    }
    if case .exact(let power) = exponent, power.denominator <= 10, let times = Int(exactly: power.numerator) {
      let base = try root(Int(power.denominator))
      if case .exact(let fraction) = base, let result = fraction.raised(to: times) { return .exact(result) }
      if power.isWhole { return try .rough(pow(double, exponent.double)) }
      return try .rough(pow(base.double, Double(times)))
    }
    guard double >= 0 else { throw .noRealRoot }
    return try .rough(pow(double, exponent.double))
  }

  private func combined(
    with other: Quantity, exactly exact: (Fraction, Fraction) -> Fraction?, roughly rough: (Double, Double) -> Double
  ) throws(CalculationFailure) -> Quantity {
    if case (.exact(let one), .exact(let other)) = (self, other), let result = exact(one, other) {
      return .exact(result)
    }
    return try .rough(rough(double, other.double))
  }

  private static func rough(_ number: Double) throws(CalculationFailure) -> Quantity {
    guard number.isFinite else { throw .tooLarge }
    return .approximate(number)
  }
}
