/// How fast, how high and how loud Azure speaks: the attributes of SSML's `prosody`.
///
/// The values:
/// https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-voice#adjust-prosody
package struct AzureProsody: Sendable, Equatable {
  package enum Attribute: String, Sendable, CaseIterable { case rate, pitch, volume }

  /// As SSML writes them; an empty one leaves it to the voice.
  package var rate: String
  package var pitch: String
  package var volume: String

  package init(rate: String = "", pitch: String = "", volume: String = "") {
    self.rate = rate
    self.pitch = pitch
    self.volume = volume
  }

  /// What a setting may say, if `value` is not allowed; nil if it is. The empty value is: it changes nothing.
  ///
  /// Azure limits or replaces what it cannot do, so a value beyond its limits would be a setting without effect.
  /// Silence is not allowed: nobody could hear what to correct.
  package static func check(_ value: String, of attribute: Attribute) -> String? {
    value.isEmpty || isAllowed(value, of: attribute) ? nil : allowed(attribute)
  }

  private static func allowed(_ attribute: Attribute) -> String {
    switch attribute {
    case .rate: "a factor from 0.5 to 2, a change from -50% to +100%, \(names(attribute))"
    case .pitch:
      "a change from -50% to +50%, from -12st to +12st or from -600Hz to +600Hz, a pitch from 20Hz to 600Hz, "
        + names(attribute)
    case .volume: "a number from 1 to 100, a change from -99 to +99 or from -99% to +100%, \(names(attribute))"
    }
  }

  private static func names(_ attribute: Attribute) -> String {
    let names = constants(attribute)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }

  private static func constants(_ attribute: Attribute) -> [String] {
    switch attribute {
    case .rate: ["x-slow", "slow", "medium", "fast", "x-fast", "default"]
    case .pitch: ["x-low", "low", "medium", "high", "x-high", "default"]
    case .volume: ["x-soft", "soft", "medium", "loud", "x-loud", "default"]
    }
  }

  private static func isAllowed(_ value: String, of attribute: Attribute) -> Bool {
    if constants(attribute).contains(value) { return true }
    guard let quantity = SignedQuantity(value) else { return false }
    let range: ClosedRange<Double>? =
      switch (attribute, quantity.unit, quantity.isSigned) {
      case (.rate, "", false): 0.5...2
      case (.rate, "%", _): -50...100
      case (.pitch, "%", _): -50...50
      case (.pitch, "st", true): -12...12
      case (.pitch, "Hz", true): -600...600
      case (.pitch, "Hz", false): 20...600
      case (.volume, "", false): 1...100
      case (.volume, "", true): -99...99
      case (.volume, "%", _): -99...100
      default: nil
      }
    return range?.contains(quantity.number) ?? false
  }
}

/// A number with an optional sign and a unit behind it, such as `+30.00%` or `-2st`.
private struct SignedQuantity {
  let number: Double
  let isSigned: Bool
  let unit: Substring

  private static let mostDigits = 6

  init?(_ text: String) {
    let unsigned = text.drop { $0 == "+" || $0 == "-" }
    let sign = text[..<unsigned.startIndex]
    let digits = unsigned.prefix { $0 == "." || $0.isASCII && $0.isNumber }
    guard sign.count <= 1, digits.count <= Self.mostDigits, digits.first != ".", digits.last != ".",
      let value = Double(digits)
    else { return nil }
    number = sign == "-" ? -value : value
    isSigned = !sign.isEmpty
    unit = unsigned[digits.endIndex...]
  }
}
