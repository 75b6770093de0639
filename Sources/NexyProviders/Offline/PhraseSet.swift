/// A set of phrases, each one or more words in their key form.
struct PhraseSet: Sendable {
  private let phrases: Set<String>
  /// The words of the longest phrase.
  private let longest: Int

  /// - Parameter lines: phrases separated by commas or line ends.
  init(_ lines: String) {
    var phrases: Set<String> = []
    var longest = 0
    for entry in Self.entries(of: lines) {
      phrases.insert(entry)
      longest = max(longest, entry.split(separator: " ").count)
    }
    self.phrases = phrases
    self.longest = longest
  }

  func contains(_ words: ArraySlice<SpokenWord>) -> Bool {
    words.count <= longest && phrases.contains(SpokenRequest.phrase(of: words))
  }

  func contains(_ key: String) -> Bool { phrases.contains(key) }

  /// How many words the longest phrase takes that the words start with; nil when they start with none.
  func opening(_ words: ArraySlice<SpokenWord>) -> Int? {
    opening(words.prefix(longest).map(\.key))
  }

  func opening(_ keys: [String]) -> Int? {
    lengths(upTo: keys.count).first { phrases.contains(keys.prefix($0).joined(separator: " ")) }
  }

  /// How many words the longest phrase takes that the words end with; nil when they end with none.
  func closing(_ words: ArraySlice<SpokenWord>) -> Int? {
    lengths(upTo: words.count).first { contains(words.suffix($0)) }
  }

  private func lengths(upTo count: Int) -> ReversedCollection<Range<Int>> {
    (1..<min(longest, count) + 1).reversed()
  }

  /// The entries of a table written as text, without the blanks of its layout.
  static func entries(of lines: String) -> [String] {
    lines.split { $0 == "," || $0.isNewline }
      .map { $0.split(separator: " ").joined(separator: " ") }
      .filter { !$0.isEmpty }
  }
}
