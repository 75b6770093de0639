/// An exposition taken apart by the rules of text format 0.0.4; whatever breaks one is an error.
struct ParsedExposition {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  struct Sample: Equatable {
    let name: String
    let labels: [String: String]
    let value: Double

    /// Its name and all labels but `le`.
    var seriesKey: String { "\(labels.filter { $0.key != "le" }.sorted { $0.key < $1.key })" }
  }

  struct Family: Equatable {
    let name: String
    let type: String
    let help: String
    var samples: [Sample] = []
  }

  private static let types = ["counter", "gauge", "histogram", "summary", "untyped"]

  private(set) var families: [Family] = []

  init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else { throw Failure(description: "the last line does not end") }
    var help: (name: String, text: String)?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") {
        var rest = line.dropFirst("# HELP ".count).unicodeScalars
        let name = try Self.word(&rest, colons: true)
        guard help == nil, rest.popFirst() == " " else { throw Failure(description: "bad HELP: \(line)") }
        help = (name, try Self.unescaped(Substring(rest), allowing: ["\\", "n"]))
      } else if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard let told = help, words.count == 4, words[2] == told.name, Self.types.contains(words[3]),
          self[told.name] == nil
        else { throw Failure(description: "bad TYPE: \(line)") }
        families.append(Family(name: told.name, type: words[3], help: told.text))
        help = nil
      } else {
        guard help == nil, let family = families.last else { throw Failure(description: "no TYPE: \(line)") }
        let sample = try Self.sample(line)
        let suffixes = family.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { family.name + $0 == sample.name }) else {
          throw Failure(description: "\(sample.name) stands in \(family.name)")
        }
        families[families.count - 1].samples.append(sample)
      }
    }
    guard help == nil else { throw Failure(description: "HELP without TYPE at the end") }
    for family in families { try Self.check(family) }
    let names = families.flatMap(\.samples).map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" }
    guard Set(names).count == names.count else { throw Failure(description: "a series stands twice") }
  }

  subscript(name: String) -> Family? { families.first { $0.name == name } }

  /// The one sample of this name that has at least these labels; nil when there are none or several.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let all = families.flatMap(\.samples).filter { sample in
      sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
    }
    return all.count == 1 ? all[0].value : nil
  }

  /// By hand, because regular expressions take seconds for a large exposition in a debug build.
  private static func sample(_ line: Substring) throws -> Sample {
    let failure = Failure(description: "no sample: \(line)")
    var rest = line.unicodeScalars
    let name = try word(&rest, colons: true)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      repeat {
        rest.removeFirst()
        let label = try word(&rest, colons: false)
        guard rest.popFirst() == "=", rest.popFirst() == "\"" else { throw failure }
        let start = rest.startIndex
        while let scalar = rest.first, scalar != "\"" { rest.removeFirst(scalar == "\\" ? 2 : 1) }
        let value = try unescaped(line[start..<rest.startIndex], allowing: ["\\", "n", "\""])
        guard rest.popFirst() == "\"", labels.updateValue(value, forKey: label) == nil else { throw failure }
      } while rest.first == ","
      guard rest.popFirst() == "}" else { throw failure }
    }
    guard rest.popFirst() == " " else { throw failure }
    let text = String(rest)
    let words = ["NaN": Double.nan, "+Inf": .infinity, "-Inf": -.infinity]
    let isNumber = text.unicodeScalars.allSatisfy { "0123456789.e+-".unicodeScalars.contains($0) }
    guard let value = words[text] ?? (isNumber ? Double(text) : nil) else { throw failure }
    return Sample(name: name, labels: labels, value: value)
  }

  private static func word(_ rest: inout Substring.UnicodeScalarView, colons: Bool) throws -> String {
    let word = rest.prefix { scalar in
      scalar == "_" || colons && scalar == ":" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
        || ("0"..."9").contains(scalar)
    }
    guard let first = word.first, !("0"..."9").contains(first) else { throw Failure(description: "no name: \(rest)") }
    rest.removeFirst(word.count)
    return String(word)
  }

  private static func unescaped(_ text: Substring, allowing allowed: [Unicode.Scalar]) throws -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      guard let escape = rest.popFirst(), allowed.contains(escape) else {
        throw Failure(description: "a bad escape: \(text)")
      }
      result.append(escape == "n" ? "\n" : escape)
    }
    return String(result)
  }

  private static func check(_ family: Family) throws {
    switch family.type {
    case "counter":
      guard family.name.hasSuffix("_total"), family.samples.allSatisfy({ $0.value >= 0 }) else {
        throw Failure(description: "a counter has no _total or runs backwards: \(family.name)")
      }
    case "histogram":
      for (key, series) in Dictionary(grouping: family.samples, by: \.seriesKey) {
        let buckets = series.filter { $0.name.hasSuffix("_bucket") }
        let bounds = buckets.compactMap { $0.labels["le"] }.compactMap { $0 == "+Inf" ? .infinity : Double($0) }
        let isRising = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
        let isCumulative = zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }
        let counts = series.filter { $0.name.hasSuffix("_count") }.map(\.value)
        let sums = series.filter { $0.name.hasSuffix("_sum") }
        guard bounds.count == buckets.count, bounds.last == .infinity, isRising, isCumulative, sums.count == 1,
          counts == buckets.suffix(1).map(\.value)
        else { throw Failure(description: "a broken histogram: \(family.name) \(key)") }
      }
    default: break
    }
  }
}
