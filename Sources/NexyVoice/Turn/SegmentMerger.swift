/// When a sentence is long enough to be said alone; shorter ones are said with the next.
package struct MergeRules: Sendable {
  /// So many characters are enough alone, however few the words.
  package var minimumCharacters: Int
  /// So many words are enough, but for the first.
  package var minimumWords: Int
  /// So many words are enough for the first, because the listener waits for it.
  package var firstSentenceMinimumWords: Int

  package init(minimumCharacters: Int = 15, minimumWords: Int = 3, firstSentenceMinimumWords: Int = 2) {
    self.minimumCharacters = minimumCharacters
    self.minimumWords = minimumWords
    self.firstSentenceMinimumWords = firstSentenceMinimumWords
  }
}

/// Joins sentences that are too short to be spoken alone with the sentence after them. Nothing is lost: what waits goes
/// out at a stall and at the end.
struct SegmentMerger: Sendable {
  private let rules: MergeRules
  private var pending = ""
  private var isFirst = true

  init(rules: MergeRules) { self.rules = rules }

  /// Takes the next sentence and returns what may be said now.
  mutating func take(_ sentence: String) -> String? {
    pending += sentence
    let (words, characters) = Self.size(of: pending)
    let enoughWords = isFirst ? rules.firstSentenceMinimumWords : rules.minimumWords
    return words >= enoughWords || characters >= rules.minimumCharacters ? flush() : nil
  }

  /// Returns what waits, however short.
  mutating func flush() -> String? {
    guard pending.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { return nil }
    defer { pending = "" }
    isFirst = false
    return pending
  }

  /// Words are what stands between blanks and holds more than punctuation; characters are counted without the blanks
  /// around the text.
  private static func size(of text: String) -> (words: Int, characters: Int) {
    var words = 0
    var characters = 0
    var trailingBlanks = 0
    var inWord = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        inWord = false
        if characters > 0 { trailingBlanks += 1 }
        continue
      }
      characters += 1 + trailingBlanks
      trailingBlanks = 0
      if !inWord, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        inWord = true
        words += 1
      }
    }
    return (words, characters)
  }
}
