import NexyCore

/// Reads a model's answer to `FactPrompt`.
enum FactAnswer {
  /// Lines of an answer.
  static let limit = 10

  /// What the answer changes; nil when a single line of it is none of `FACT: …`, `FORGET: number` and `NONE`.
  static func change(_ answer: String, known: [String]) -> FactChange? {
    let lines = answer.split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }
    guard (1...limit).contains(lines.count) else { return nil }
    if lines == ["NONE"] { return FactChange() }
    var change = FactChange()
    for line in lines {
      if let fact = line.after("FACT:") {
        change.learned.append(fact)
      } else if let number = line.after("FORGET:").flatMap({ Int($0) }), known.indices.contains(number - 1) {
        change.forgotten.append(known[number - 1])
      } else {
        return nil
      }
    }
    return change
  }
}

extension String {
  fileprivate func after(_ beginning: String) -> String? {
    guard hasPrefix(beginning) else { return nil }
    let rest = dropFirst(beginning.count).trimmed
    return rest.isEmpty ? nil : rest
  }
}
