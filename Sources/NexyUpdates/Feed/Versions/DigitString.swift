/// A number of any length, as its decimal digits: a feed from outside may hold more digits than a machine word.
struct DigitString: Comparable, Sendable {
  /// ASCII digits without leading zeros; empty for zero.
  private let digits: [UInt8]

  static let zero = Self([])

  /// Reads the ASCII digits at the beginning; none of them is zero.
  init(_ bytes: some Sequence<UInt8>) {
    digits = Array(bytes.prefix { Self.isDigit($0) }.drop { $0 == UInt8(ascii: "0") })
  }

  /// How many digits it has without leading zeros.
  var count: Int { digits.count }

  var isZero: Bool { digits.isEmpty }

  static func < (one: Self, other: Self) -> Bool {
    one.count == other.count ? one.digits.lexicographicallyPrecedes(other.digits) : one.count < other.count
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
