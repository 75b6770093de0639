import NexyCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A number in the form that a speech engine reads well: plain digits, no grouping, "minus" as a word.
struct SpokenQuantity: Sendable, Equatable {
  let text: String
  /// Whether the text says the number itself and not a rounded one.
  let isExact: Bool
  /// Whether the number is written out, without a power of ten.
  let isPlain: Bool

  init(_ quantity: Quantity, in language: Language) {
    let digits = Self.plain(quantity) ?? Self.scientific(quantity, in: language)
    let unsigned = language == .russian ? digits.text.replacing(".", with: ",") : digits.text
    let minus = language == .russian ? "минус " : "minus "
    text = quantity.double < 0 && unsigned != "0" ? minus + unsigned : unsigned
    isExact = digits.isExact
    isPlain = digits.isPlain
  }

  /// The first number with more digits than anyone follows by ear.
  private static let tooLong = 1e15
  /// Decimals that are said of an exact number, and of a rounded one.
  private static let exactDecimals = 10
  private static let roundedDecimals = 4

  private typealias Digits = (text: String, isExact: Bool, isPlain: Bool)

  private static func plain(_ quantity: Quantity) -> Digits? {
    guard abs(quantity.double) < tooLong else { return nil }
    if case .exact(let fraction) = quantity, let text = decimal(fraction) { return (text, true, true) }
    let size = abs(quantity.double)
    let scaled = (size * 1e4).rounded()
    if scaled == 0, size > 1e-300 { return nil }
    // Past this size a Double has no four decimals left to round to.
    let text = scaled < 9e15 ? decimal(Int128(scaled), places: roundedDecimals) : "\(Int128(size.rounded()))"
    return (text, false, true)
  }

  /// All the decimals of a number that ends within a few of them.
  private static func decimal(_ fraction: Fraction) -> String? {
    let numerator = Int128(fraction.numerator.magnitude)
    var (scale, places) = (Int128(1), 0)
    while scale % fraction.denominator != 0 {
      guard places < exactDecimals else { return nil }
      (scale, places) = (scale * 10, places + 1)
    }
    let (scaled, overflow) = numerator.multipliedReportingOverflow(by: scale / fraction.denominator)
    return overflow ? nil : decimal(scaled, places: places)
  }

  /// Digits with a point, without zeros at the end.
  private static func decimal(_ scaled: Int128, places: Int) -> String {
    var digits = String(scaled)
    if digits.count <= places { digits = String(repeating: "0", count: places + 1 - digits.count) + digits }
    var decimals = digits.suffix(places)
    while decimals.last == "0" { decimals.removeLast() }
    let whole = digits.dropLast(places)
    return decimals.isEmpty ? String(whole) : "\(whole).\(decimals)"
  }

  private static func scientific(_ quantity: Quantity, in language: Language) -> Digits {
    let size = abs(quantity.double)
    var exponent = Int(log10(size).rounded(.down))
    var mantissa = (size / pow(10, Double(exponent)) * 1e4).rounded()
    if mantissa >= 1e5 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    let said = decimal(Int128(mantissa), places: roundedDecimals)
    let times = language == .russian ? " умножить на " : " times "
    let power = language == .russian ? "10 в степени " : "10 to the power of "
    let minus = language == .russian ? "минус " : "minus "
    let sign = exponent < 0 ? minus : ""
    let text = (said == "1" ? "" : said + times) + power + sign + "\(abs(exponent))"
    return (text, isSame(quantity, mantissa: Int128(mantissa), exponent: exponent), false)
  }

  /// Whether an exact number is `mantissa` ten-thousandths times ten to the `exponent`.
  private static func isSame(_ quantity: Quantity, mantissa: Int128, exponent: Int) -> Bool {
    guard case .exact(let fraction) = quantity, let ten = Fraction(10).raised(to: abs(exponent)),
      let power = exponent < 0 ? ten.inverse : ten, let digits = Fraction(mantissa, over: 10_000),
      let said = digits.multiplied(by: power)
    else { return false }
    return said.numerator.magnitude == fraction.numerator.magnitude && said.denominator == fraction.denominator
  }
}
