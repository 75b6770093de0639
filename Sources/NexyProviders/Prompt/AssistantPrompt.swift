/// What a language model is told before a question: a text with sections that only some requests get.
///
/// A section stands between the lines `<!-- when: a, b -->` and `<!-- end -->` and is sent when everything it names
/// holds: a feature flag that is on, or a fact of the request (`PromptFacts.Condition`). `{{name}}` is replaced
/// (`PromptPlaceholder`); a line `<!-- note: … -->` is for the reader of the file. The text is parsed once, and so it is
/// cheap to render for each question.
package struct AssistantPrompt: Sendable {
  enum Condition: Sendable, Equatable {
    case fact(PromptFacts.Condition)
    /// The dotted key of a feature flag.
    case flag(String)
  }

  enum Piece: Sendable, Equatable {
    case text(String)
    case placeholder(PromptPlaceholder)
  }

  /// Lines that are sent together; no pieces in a line is a blank one.
  struct Section: Sendable, Equatable {
    var conditions: [Condition] = []
    var lines: [[Piece]] = []
  }

  let sections: [Section]

  /// The prompt for one question. What stands in a placeholder is never expanded again.
  package func text(for facts: PromptFacts) -> String {
    var text = ""
    var isAfterBlank = false
    for section in sections where section.conditions.allSatisfy(facts.hold) {
      for line in section.lines {
        guard !line.isEmpty else {
          isAfterBlank = true
          continue
        }
        let words = line.map { $0.text(for: facts) }.joined()
        // A placeholder with nothing to say leaves no empty line behind.
        if words.isEmpty { continue }
        if !text.isEmpty { text += isAfterBlank ? "\n\n" : "\n" }
        text += words
        isAfterBlank = false
      }
    }
    return text
  }
}

extension AssistantPrompt.Piece {
  fileprivate func text(for facts: PromptFacts) -> String {
    switch self {
    case .text(let text): text
    case .placeholder(let placeholder): placeholder.text(for: facts)
    }
  }
}

extension PromptFacts {
  fileprivate func hold(_ condition: AssistantPrompt.Condition) -> Bool {
    switch condition {
    case .fact(let fact): holds(fact)
    case .flag(let key): flags.contains(key)
    }
  }
}
