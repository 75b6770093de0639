/// A character written as `&amp;`, `&#38;` or `&#x26;`.
enum HTMLEntity {
  /// The longest name below, or the digits of the largest code point.
  private static let longest = 8

  /// The character whose entity begins at `start`, and where the text goes on.
  ///
  /// An ampersand that is itself the first character of an entity is taken with it, however often that was done.
  static func decoded(in text: [Unicode.Scalar], at start: Int) -> (Unicode.Scalar, next: Int)? {
    var result: (scalar: Unicode.Scalar, next: Int)?
    var index = start + 1
    while let (scalar, next) = read(in: text, from: index) {
      result = (scalar, next)
      guard scalar == "&" else { break }
      index = next
    }
    return result.map { ($0.scalar, next: $0.next) }
  }

  /// Reads what follows an ampersand.
  private static func read(in text: [Unicode.Scalar], from start: Int) -> (Unicode.Scalar, next: Int)? {
    let window = text[min(start, text.count)..<min(start + longest + 1, text.count)]
    guard let end = window.firstIndex(of: ";"), end > start else { return nil }
    let name = window[start..<end]
    guard let scalar = name.first == "#" ? numeric(name.dropFirst()) : named(name) else { return nil }
    return (scalar, next: end + 1)
  }

  private static func numeric(_ digits: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    let code = UInt32(string(isHexadecimal ? digits.dropFirst() : digits), radix: isHexadecimal ? 16 : 10)
    return code.flatMap(Unicode.Scalar.init)
  }

  private static func named(_ name: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
    guard name.allSatisfy(\.isASCII) else { return nil }
    return names[string(name)]
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Those that appear in prose; the whole list is in the HTML standard, section 13.5.
  private static let names: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "shy": "\u{AD}",
    "ensp": "\u{2002}", "emsp": "\u{2003}", "thinsp": "\u{2009}", "zwj": "\u{200D}", "zwnj": "\u{200C}",
    "hellip": "…", "mdash": "—", "ndash": "–", "minus": "−", "lsquo": "‘", "rsquo": "’", "sbquo": "‚",
    "ldquo": "“", "rdquo": "”", "bdquo": "„", "laquo": "«", "raquo": "»", "bull": "•", "middot": "·",
    "copy": "©", "reg": "®", "trade": "™", "deg": "°", "sect": "§", "para": "¶", "euro": "€", "pound": "£",
    "yen": "¥", "cent": "¢", "times": "×", "divide": "÷", "plusmn": "±", "ne": "≠", "le": "≤", "ge": "≥",
    "asymp": "≈", "infin": "∞", "frac12": "½", "frac14": "¼", "frac34": "¾", "sup2": "²", "sup3": "³",
    "micro": "µ", "larr": "←", "rarr": "→", "uarr": "↑", "darr": "↓", "numero": "№",
  ]
}
