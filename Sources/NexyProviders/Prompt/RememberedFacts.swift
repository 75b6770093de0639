/// What is remembered of the user, as a language model gets it: data between two marks that the data cannot write.
enum RememberedFacts {
  /// More than these, and what is longer, is left out, so that the prompt stays small.
  static let most = 40
  /// Characters of one fact.
  static let longest = 300

  /// The facts, a line each, without the brackets of a mark; what says nothing is left out.
  static func lines(_ facts: [String]) -> [String] {
    Array(facts.lazy.map(line).filter { !$0.isEmpty }.prefix(most))
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
