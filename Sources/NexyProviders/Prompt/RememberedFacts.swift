/// What is remembered of the user, as a language model gets it: data between two marks that the data cannot write.
enum RememberedFacts {
  /// Older ones than these, and what is longer, are left out, so that the prompt stays small.
  static let most = 40
  /// Characters of one fact.
  static let longest = 300

  /// The newest of the facts, which come oldest first, a line each, without the brackets of a mark; what says nothing is
  /// left out.
  static func lines(_ facts: [String]) -> [String] {
    Array(facts.suffix(most).map(line).filter { !$0.isEmpty })
  }

  /// Empty without lines.
  static func fenced(_ lines: [String]) -> String {
    lines.isEmpty ? "" : "<known>\n" + lines.map { "- \($0)\n" }.joined() + "</known>"
  }

  private static func line(_ fact: String) -> String {
    var text = String.UnicodeScalarView()
    // A character is rarely made of more than four.
    for scalar in fact.unicodeScalars.prefix(4 * longest) {
      switch scalar {
      case "<": text.append("(")
      case ">": text.append(")")
      case _ where scalar.properties.isWhitespace || scalar.properties.generalCategory == .control:
        if let last = text.last, last != " " { text.append(" ") }
      default: text.append(scalar)
      }
    }
    if text.last == " " { text.removeLast() }
    return String(String(text).prefix(longest))
  }
}
