import NexyCore

/// What a member of a page in JSON has to be.
indirect enum MemberKind: Sendable {
  case text, flag, texts
  /// A text that is a date of ISO 8601.
  case date
  /// A number that is not below 0.
  case count
  /// One of these texts.
  case word(Set<String>)
  /// An object with these members, and maybe more.
  case members(KeyValuePairs<String, MemberKind>)
  /// An array, or an object with any names, of one kind.
  case each(MemberKind)

  /// What is missing in a page, or is something else.
  ///
  /// - Parameter place: Where the value stands, such as `limits.turns`; empty for the page itself.
  func faults(_ value: JSONValue?, at place: String = "") -> [String] {
    guard let value else { return ["no \(place)"] }
    switch (self, value) {
    case (.text, .string), (.flag, .bool): return []
    case (.date, .string(let text)) where ISO8601.seconds(of: text) != nil: return []
    case (.count, .integer(let number)) where number >= 0: return []
    case (.count, .number(let number)) where number >= 0: return []
    case (.word(let words), .string(let text)) where words.contains(text): return []
    case (.texts, .array(let values)) where values.allSatisfy({ $0.string != nil }): return []
    case (.members(let kinds), .object(let members)):
      return kinds.flatMap { name, kind in kind.faults(members[name], at: place.isEmpty ? name : "\(place).\(name)") }
    case (.each(let kind), .array(let values)):
      return values.enumerated().flatMap { kind.faults($1, at: "\(place).\($0)") }
    case (.each(let kind), .object(let members)):
      return members.sorted { $0.key < $1.key }.flatMap { kind.faults($0.value, at: "\(place).\($0.key)") }
    default: return ["\(place) \(value.string ?? "is no \(told)")"]
    }
  }

  private var told: String {
    switch self {
    case .text, .word, .date: "text"
    case .flag: "true or false"
    case .texts: "array of texts"
    case .count: "number from 0 on"
    case .members: "object"
    case .each: "list"
    }
  }
}
