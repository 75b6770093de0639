/// A fraction of two whole numbers in lowest terms, so that 0.1 + 0.2 is 0.3 and a third times three is one.
///
/// Every operation gives nil when its result does not fit.
struct Fraction: Sendable, Equatable {
  let numerator: Int128
  /// Greater than zero.
  let denominator: Int128

  init(_ whole: Int128) {
    numerator = whole
    denominator = 1
  }

  init?(_ numerator: Int128, over denominator: Int128) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    let divisor = Self.greatestDivisor(numerator.magnitude, denominator.magnitude)
    self.numerator = numerator / divisor * denominator.signum()
    self.denominator = denominator / divisor * denominator.signum()
  }

  var isWhole: Bool { denominator == 1 }
  var isZero: Bool { numerator == 0 }
  var isNegative: Bool { numerator < 0 }
  var double: Double { Double(numerator) / Double(denominator) }

  func adding(_ other: Fraction) -> Fraction? {
    guard let left = Self.product(numerator, other.denominator), let right = Self.product(other.numerator, denominator),
      let denominator = Self.product(denominator, other.denominator)
    else { return nil }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : Fraction(sum, over: denominator)
  }

  func multiplied(by other: Fraction) -> Fraction? {
    // Cross-cancelling first keeps products that fit from passing through ones that do not.
    guard let left = Fraction(numerator, over: other.denominator),
      let right = Fraction(other.numerator, over: denominator),
      let numerator = Self.product(left.numerator, right.numerator),
      let denominator = Self.product(left.denominator, right.denominator)
    else { return nil }
    return Fraction(numerator, over: denominator)
  }

  /// One over the number; nil for zero.
  var inverse: Fraction? { Fraction(denominator, over: numerator) }
  var negated: Fraction? { Fraction(-1).multiplied(by: self) }

  /// The number multiplied by itself, `exponent` times.
  func raised(to exponent: Int) -> Fraction? {
    if self == Fraction(1) || isZero && exponent > 0 { return self }
    var (result, base, rest) = (Fraction(1), self, exponent)
    while rest > 0 {
      if rest & 1 == 1 {
        guard let next = result.multiplied(by: base) else { return nil }
        result = next
      }
      rest >>= 1
      guard rest > 0 else { break }
      guard let square = base.multiplied(by: base) else { return nil }
      base = square
    }
    return result
  }

  /// The exact root of a number that is not negative; nil when it is not a fraction of whole numbers.
  func root(_ degree: Int) -> Fraction? {
    guard degree > 1 else { return self }
    guard let top = Self.wholeRoot(numerator, degree), let bottom = Self.wholeRoot(denominator, degree)
    else { return nil }
    return Fraction(top, over: bottom)
  }

  /// The whole root by bisection; nil when there is none.
  private static func wholeRoot(_ number: Int128, _ degree: Int) -> Int128? {
    var (low, high) = (Int128(0), min(number, Int128(1) << (127 / degree + 1)))
    while low <= high {
      let middle = low + (high - low) / 2
      let power = Fraction(middle).raised(to: degree)?.numerator ?? .max
      if power == number { return middle }
      if power < number { low = middle + 1 } else { high = middle - 1 }
    }
    return nil
  }

  private static func product(_ one: Int128, _ other: Int128) -> Int128? {
    let (product, overflow) = one.multipliedReportingOverflow(by: other)
    return overflow ? nil : product
  }

  private static func greatestDivisor(_ one: UInt128, _ other: UInt128) -> Int128 {
    var (one, other) = (one, other)
    while other != 0 { (one, other) = (other, one % other) }
    return Int128(one)
  }
}
