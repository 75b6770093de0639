/// Which of two versions is the newer one.
package enum VersionOrder: Sendable {
  case older
  case same
  case newer
}

/// A version as Sparkle reads it, from any string.
///
/// It follows `SUStandardVersionComparator` (Sparkle 2.6 to 2.9,
/// <https://github.com/sparkle-project/Sparkle/blob/2.x/Sparkle/SUStandardVersionComparator.m>): runs of digits are
/// numbers, other runs are words, separators stand alone, everything from the first `-` on is ignored, and the shorter
/// of two leading runs of numbers is filled up with zeros.
///
/// Two differences, both outside what a publisher writes: numbers over 19 digits are compared in full where Sparkle
/// stops counting, and a leading `-` is below another separator where Sparkle answers "older" both ways round. The
/// order is transitive for versions that begin with numbers parted by single dots, and only for them: to Sparkle `1`
/// equals both `1.0` and `1..`, which differ.
package struct SparkleVersion: Sendable {
  fileprivate enum Part: Sendable {
    case number(DigitString)
    case word(String)
    case period
    case separator
    case dash
  }

  /// As it was written.
  package let text: String
  private let parts: [Part]
  /// How many parts at the beginning are numbers and periods.
  private let numeric: Int

  package init(_ text: String) {
    self.text = text
    parts = Self.split(text)
    numeric =
      parts.firstIndex { part in
        switch part {
        case .number, .period: false
        default: true
        }
      } ?? parts.count
  }

  /// What this version is when set against another one.
  package func compare(to other: Self) -> VersionOrder {
    var index = 0
    while true {
      switch (part(at: index, against: other), other.part(at: index, against: self)) {
      case (nil, nil): return .same
      case (nil, .word): return .newer
      case (nil, _): return .older
      case (.word, nil): return .older
      case (_, nil): return .newer
      case (let one?, let two?):
        let order = one.compare(to: two)
        if order != .same { return order }
      }
      index += 1
    }
  }

  /// What the first version is when set against the second one.
  package static func compare(_ one: String, to other: String) -> VersionOrder {
    Self(one).compare(to: Self(other))
  }

  /// The part at an index after the shorter leading run of numbers has been filled up.
  private func part(at index: Int, against other: Self) -> Part? {
    if index < numeric { return parts[index] }
    if index < other.numeric {
      if case .period = other.parts[index] { return .period }
      return .number(.zero)
    }
    let own = index - max(0, other.numeric - numeric)
    return own < parts.count ? parts[own] : nil
  }
}

extension SparkleVersion.Part {
  func compare(to other: Self) -> VersionOrder {
    switch (self, other) {
    case (.number(let one), .number(let two)): one == two ? .same : one < two ? .older : .newer
    case (.word(let one), .word(let two)): one == two ? .same : one < two ? .older : .newer
    case (.period, .period), (.period, .separator), (.separator, .period), (.separator, .separator), (.dash, .dash):
      .same
    case (.word, _): .older
    case (_, .word): .newer
    case (.number, _): .newer
    case (_, .number): .older
    case (.dash, _): .older
    case (_, .dash): .newer
    }
  }
}

// MARK: - Splitting

extension SparkleVersion {
  private enum Kind { case number, word, period, separator, dash }

  private static func split(_ text: String) -> [Part] {
    var parts: [Part] = []
    var run = String.UnicodeScalarView()
    var runKind: Kind?
    func close() {
      switch runKind {
      case .number: parts.append(.number(DigitString(String(run).utf8)))
      case .word: parts.append(.word(String(run)))
      case .period: parts.append(.period)
      case .separator: parts.append(.separator)
      case .dash: parts.append(.dash)
      case nil: break
      }
      run.removeAll(keepingCapacity: true)
    }
    for scalar in text.unicodeScalars {
      let kind = kind(of: scalar)
      if kind == .dash, runKind != nil { break }
      if kind != runKind || kind == .period || kind == .separator { close() }
      runKind = kind
      run.append(scalar)
    }
    close()
    return parts
  }

  /// Sparkle looks at UTF-16 units, so what lies beyond the basic plane is part of a word to it.
  private static func kind(of scalar: Unicode.Scalar) -> Kind {
    if scalar == "." { return .period }
    if scalar == "-" { return .dash }
    if scalar.isASCII, DigitString.isDigit(UInt8(scalar.value)) { return .number }
    if scalar.value > 0xFFFF { return .word }
    switch scalar.properties.generalCategory {
    case .decimalNumber: return .number
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .separator
    case .control: return scalar.properties.isWhitespace ? .separator : .word
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return .separator
    default: return .word
    }
  }
}
