import NexyCore

/// What may be remembered of a text, and so sent to a model again: all of it but secrets.
enum PrivateText {
  /// The text with keys, passwords, codes and card numbers masked.
  static func masked(_ text: String) -> String {
    CardNumbers.masked(Redaction.masked(SpokenSecrets.masked(text)))
  }
}

/// Finds the numbers of payment cards.
enum CardNumbers {
  private static let lengths = 13...19

  /// The text with every card number masked: 13 to 19 digits, in groups that one blank or dash parts, whose last
  /// digit is right (ISO/IEC 7812-1, annex B).
  static func masked(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let startsGroup = isDigit(bytes[index]) && (index == 0 || !isDigit(bytes[index - 1]))
      if startsGroup, let end = endOfCard(bytes, from: index) {
        output += Redaction.mask.utf8
        index = end
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return output.count == bytes.count ? text : String(decoding: output, as: UTF8.self)
  }

  private static func endOfCard(_ bytes: [UInt8], from start: Int) -> Int? {
    var digits: [UInt8] = []
    var end = start
    var card: Int?
    while end < bytes.count, digits.count <= lengths.upperBound {
      if isDigit(bytes[end]) {
        digits.append(bytes[end] - 0x30)
        end += 1
        let endsGroup = end == bytes.count || !isDigit(bytes[end])
        if endsGroup, lengths.contains(digits.count), hasCheckDigit(digits) { card = end }
      } else {
        let isSeparator = bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "-")
        guard isSeparator, end + 1 < bytes.count, isDigit(bytes[end + 1]) else { break }
        end += 1
      }
    }
    return card
  }

  private static func hasCheckDigit(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let weighted = Int(digit) * (place.isMultiple(of: 2) ? 1 : 2)
      sum += weighted > 9 ? weighted - 9 : weighted
    }
    return sum.isMultiple(of: 10)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
