import NexyCore

/// Reads the text of a prompt into its sections and notes everything that is wrong with it.
struct PromptParser {
  struct Fault: Equatable {
    /// Counted from one; nil for the whole file.
    var line: Int?
    /// What is wrong and what to do.
    var remedy: String
  }

  private(set) var faults: [Fault] = []
  private let flags: Set<String>
  private var sections: [AssistantPrompt.Section] = [.init()]
  /// The line on which the section that is being read begins; nil outside of one.
  private var opening: Int?
  private var line = 0

  /// - Parameter flags: The keys of the feature flags that a section may name.
  init(flags: Set<String>) { self.flags = flags }

  mutating func parse(_ text: String) -> [AssistantPrompt.Section] {
    let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    for row in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
      line += 1
      read(row)
    }
    if let opening { note("the section is never closed; add <!-- end --> after it.", line: opening) }
    let pieces = sections.flatMap(\.lines).joined()
    if pieces.isEmpty, faults.isEmpty {
      faults.append(Fault(remedy: "there is nothing in it; write a prompt, or unset ASSISTANT_PROMPT."))
    } else if faults.isEmpty {
      for placeholder in PromptPlaceholder.required where !pieces.contains(.placeholder(placeholder)) {
        let mark = "{{\(placeholder.rawValue)}}"
        faults.append(Fault(remedy: "\(mark) is missing, so that the model could send no command; add it."))
      }
    }
    return sections
  }

  private mutating func note(_ remedy: String, line: Int? = nil) {
    faults.append(Fault(line: line ?? self.line, remedy: remedy))
  }

  private mutating func read(_ row: Substring) {
    let words = row.trimmed
    guard words.contains("<!--") || words.contains("-->") else {
      sections[sections.count - 1].lines.append(pieces(of: row))
      return
    }
    guard words.hasPrefix("<!--"), words.hasSuffix("-->"), words.count >= 7 else {
      note("a mark such as <!-- end --> must begin and end on a line of its own.")
      return
    }
    read(mark: words.dropFirst(4).dropLast(3).trimmed)
  }

  private mutating func read(mark: String) {
    let parts = mark.split(separator: ":", maxSplits: 1).map(\.trimmed)
    switch parts.first {
    case "note" where parts.count == 2: break
    case "when": open(parts.count == 2 ? parts[1] : "")
    case "end" where parts.count == 1: close()
    default: note("\"\(Self.shown(mark))\" is no mark; use when: …, end or note: ….")
    }
  }

  private mutating func open(_ names: String) {
    if let opening {
      note("a section begins inside the one of line \(opening); close that first, or name all conditions in one when.")
    }
    opening = line
    let conditions = names.split(separator: ",", omittingEmptySubsequences: false).compactMap { condition($0.trimmed) }
    sections.append(.init(conditions: conditions))
  }

  private mutating func close() {
    if opening == nil { note("no section is open here; remove <!-- end -->, or add its <!-- when: … -->.") }
    opening = nil
    sections.append(.init())
  }

  private mutating func condition(_ name: String) -> AssistantPrompt.Condition? {
    if let fact = PromptFacts.Condition(rawValue: name) { return .fact(fact) }
    if flags.contains(name) { return .flag(name) }
    let known = (PromptFacts.Condition.allCases.map(\.rawValue) + flags).sorted()
    note("\"\(Self.shown(name))\" is no condition; use \(known.joined(separator: ", ")).")
    return nil
  }

  /// The text and the placeholders of a line; none for a blank one.
  private mutating func pieces(of row: Substring) -> [AssistantPrompt.Piece] {
    var rest = row
    while rest.last?.isWhitespace == true { rest.removeLast() }
    var pieces: [AssistantPrompt.Piece] = []
    while let start = rest.firstRange(of: "{{") {
      if start.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<start.lowerBound]))) }
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "}}") else {
        note("{{ is never closed; add }} after the placeholder's name.")
        return pieces
      }
      if let placeholder = placeholder(rest[..<end.lowerBound].trimmed) { pieces.append(.placeholder(placeholder)) }
      rest = rest[end.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    return pieces
  }

  private mutating func placeholder(_ name: String) -> PromptPlaceholder? {
    if let placeholder = PromptPlaceholder(rawValue: name) { return placeholder }
    let known = PromptPlaceholder.allCases.map { "{{\($0.rawValue)}}" }.joined(separator: ", ")
    note("{{\(Self.shown(name))}} is no placeholder; use \(known).")
    return nil
  }

  /// As much of a wrong name as helps to find it.
  private static func shown(_ name: String) -> String { name.count > 40 ? name.prefix(40) + "…" : name }
}
