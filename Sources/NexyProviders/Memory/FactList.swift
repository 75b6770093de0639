/// Something lasting about a user, in one sentence.
package struct Fact: Sendable, Equatable {
  package let text: String
  /// Microseconds since 1970.
  let time: Int64
}

/// What an exchange changes in the known facts.
struct FactChange: Sendable, Equatable {
  var learned: [String] = []
  /// Known facts, in their own words.
  var forgotten: [String] = []

  var isEmpty: Bool { learned.isEmpty && forgotten.isEmpty }
}

/// A device's facts, oldest first, none twice.
struct FactList: Sendable, Equatable {
  private(set) var facts: [Fact]

  init(_ facts: [Fact]) { self.facts = facts }

  /// Learns and forgets; a fact that is learned again becomes the newest, and the oldest go where there are too many.
  mutating func apply(_ change: FactChange, time: Int64, limits: MemoryLimits) {
    let gone = Set((change.forgotten + change.learned).map(Self.key))
    facts.removeAll { gone.contains(Self.key($0.text)) }
    var seen: Set<String> = []
    for text in change.learned where seen.insert(Self.key(text)).inserted {
      guard let text = Self.kept(text, limits) else { continue }
      facts.append(Fact(text: text, time: time))
    }
    facts.removeFirst(max(facts.count - limits.facts, 0))
    var bytes = facts.reduce(0) { $0 + $1.text.utf8.count }
    while bytes > limits.longTermBytes {
      bytes -= facts.removeFirst().text.utf8.count
    }
  }

  /// A fact as it is kept: one line; nil for one that is too long, empty or has a secret.
  private static func kept(_ text: String, _ limits: MemoryLimits) -> String? {
    let line = text.storable.split { $0.isWhitespace }.joined(separator: " ")
    guard !line.isEmpty, line.count <= limits.factCharacters, line.utf8.count <= 4 * limits.factCharacters,
      PrivateText.masked(line) == line
    else { return nil }
    return line
  }

  /// What makes two facts the same: their words.
  private static func key(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }
}
