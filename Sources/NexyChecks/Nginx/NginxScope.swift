/// The levels around a place in a configuration, the outermost first: http, server, location, location within it.
struct NginxScope: Sendable {
  private(set) var levels: [[NginxDirective]]

  init(_ levels: [[NginxDirective]]) { self.levels = levels }

  /// What stands right here.
  var here: [NginxDirective] { levels.last ?? [] }

  func entering(_ block: [NginxDirective]) -> Self { Self(levels + [block]) }

  /// A directive in force: the innermost level that has it decides.
  func effective(_ name: String) -> NginxDirective? { effectiveAll(name).first }

  /// All directives of a name of the innermost level that has one: `add_header` and the like are inherited together.
  func effectiveAll(_ name: String) -> [NginxDirective] {
    for level in levels.reversed() {
      let found = level.filter { $0.name == name }
      if !found.isEmpty { return found }
    }
    return []
  }

  func isOn(_ name: String, standard: Bool) -> Bool {
    effective(name).map { $0.first.lowercased() == "on" } ?? standard
  }
}

/// Values as nginx writes them: https://nginx.org/en/docs/syntax.html.
enum NginxValue {
  /// Seconds of `300`, `300s`, `5m`, `1h 30m`, `1500ms`; nil for anything else.
  static func seconds(_ arguments: [String]) -> Double? {
    let units: [(String, Double)] = [
      ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800), ("M", 2_592_000),
      ("y", 31_536_000),
    ]
    var (seconds, rest) = (0.0, Substring(arguments.joined()))
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      guard let number = takeNumber(&rest) else { return nil }
      if rest.isEmpty { return seconds + Double(number) }
      guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
      seconds += Double(number) * unit.1
      rest = rest.dropFirst(unit.0.count)
    }
    return seconds
  }

  /// Bytes of `16777216`, `16384k`, `16m`, `1g`; nil for anything else.
  static func bytes(_ text: String) -> Int64? {
    var rest = Substring(text)
    guard let number = takeNumber(&rest) else { return nil }
    let shifts: [String: Int] = ["": 0, "k": 10, "m": 20, "g": 30]
    guard let shift = shifts[rest.lowercased()], number < 1 << 32 else { return nil }
    return number << Int64(shift)
  }

  private static func takeNumber(_ text: inout Substring) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard (1...15).contains(digits.count), let number = Int64(digits) else { return nil }
    text = text.dropFirst(digits.count)
    return number
  }
}
