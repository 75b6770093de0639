import NexyCore

/// "Repeat after me": words that are spoken as they are, so that who listens can judge the voice, and a check can tell
/// that not one got lost.
enum Repetition {
  private static let phrases = [
    "repeat after me", "say after me", "повтори за мной", "повторите за мной", "повторяй за мной", "скажи за мной",
  ]

  /// Characters that are repeated at most: minutes of speech.
  static let longest = 4_000

  /// What is to be repeated; nil for any other request.
  static func text(of prompt: String) -> String? {
    guard prompt.utf8.count <= 4 * longest else { return nil }
    let prompt = prompt.trimmed
    for phrase in phrases {
      guard let end = prompt.index(prompt.startIndex, offsetBy: phrase.count, limitedBy: prompt.endIndex),
        prompt[..<end].lowercased() == phrase
      else { continue }
      let rest = prompt[end...]
      guard let first = rest.first, !first.isLetter, !first.isNumber else { continue }
      let text = rest.drop { ":,.-–—".contains($0) || $0.isWhitespace }
      return text.count <= longest && text.contains { $0.isLetter || $0.isNumber } ? String(text) : nil
    }
    return nil
  }
}
