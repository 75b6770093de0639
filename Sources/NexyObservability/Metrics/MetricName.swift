/// Names as Prometheus allows them.
enum MetricName {
  /// The name under which a label is exported: invalid characters replaced, with the suffix that its kind asks for.
  static func exposed(_ label: String, as kind: MetricDescription.Kind) -> String {
    let name = valid(label, colons: true)
    switch kind {
    case .counter: return name.hasSuffix("_total") ? name : name + "_total"
    case .timer: return name.hasSuffix("_seconds") ? name : name + "_seconds"
    case .gauge, .histogram: return name
    }
  }

  /// A dimension's name; those that an exposition uses itself get an underscore.
  static func dimension(_ name: String) -> String {
    let name = valid(name, colons: false)
    return ["le", "quantile"].contains(name) || name.hasPrefix("__") ? "dimension_" + name : name
  }

  /// Every name that samples of a family have, so that no two families share one.
  static func samples(of name: String, as kind: MetricDescription.Kind) -> [String] {
    let histogram = [name, name + "_bucket", name + "_sum", name + "_count"]
    switch kind {
    case .counter, .gauge: return [name]
    case .histogram: return histogram
    case .timer: return histogram + [window(of: name)]
    }
  }

  /// The gauges of a timer's last window.
  static func window(of name: String) -> String { name + "_window" }

  private static func valid(_ text: String, colons: Bool) -> String {
    let letters = text.unicodeScalars.map { scalar in
      let isWord = scalar == "_" || scalar.isASCII && (scalar.properties.isAlphabetic || isDigit(scalar))
      return isWord || colons && scalar == ":" ? Character(scalar) : "_"
    }
    let name = String(letters)
    return name.unicodeScalars.first.map { !isDigit($0) } == true ? name : "_" + name
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
