/// One word of a request: as it was said, and as phrases are matched.
struct SpokenWord: Sendable, Equatable {
  /// The word with everything written around it: `(2+2)*3`, `Safari,`.
  var raw: String
  /// The word without the punctuation at its edges: `Safari`, `example.com`.
  var text: String
  /// Lower case, without apostrophes, `ё` as `е`: the form that phrases are written in.
  var key: String

  /// Whether a pause was written after the word.
  var endsClause: Bool {
    guard let last = raw.last else { return false }
    return ".,!?;:…".contains(last)
  }
}

/// The words of a request, in the form that rules can compare.
enum SpokenRequest {
  /// Cuts a request at blanks; punctuation that stands alone stays with the word before it.
  static func words(of prompt: String) -> [SpokenWord] {
    var words: [SpokenWord] = []
    var pending = ""
    for chunk in prompt.split(whereSeparator: \.isWhitespace) {
      let text = withoutEdges(chunk)
      if text.isEmpty {
        if words.isEmpty { pending += chunk + " " } else { words[words.count - 1].raw += " " + chunk }
        continue
      }
      let keys = keys(of: text)
      for (index, key) in keys.enumerated() {
        // A contraction is two words to a phrase, and still one to whoever reads the text.
        let isLast = index == keys.count - 1
        words.append(SpokenWord(raw: isLast ? pending + chunk : "", text: isLast ? String(text) : "", key: key))
      }
      pending = ""
    }
    return words
  }

  /// The raw text of words, from which arithmetic is read.
  static func text(of words: ArraySlice<SpokenWord>) -> String {
    words.lazy.map(\.raw).filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The words as one phrase, to look up in a table.
  static func phrase(of words: ArraySlice<SpokenWord>) -> String {
    words.lazy.map(\.key).joined(separator: " ")
  }

  /// A word in the form that tables are written in.
  static func key(of text: some StringProtocol) -> String {
    var key = ""
    for character in text.lowercased() {
      switch character {
      case "'", "’", "‘", "ʼ", "`": continue
      case "ё": key.append("е")
      default: key.append(character)
      }
    }
    if key.hasSuffix("-ка") { key.removeLast(3) }
    return key
  }

  private static func keys(of text: Substring) -> [String] {
    // "I'd" without its apostrophe is a word of its own.
    if let apart = contractions[text.lowercased().replacing("’", with: "'")] { return apart }
    let key = key(of: text)
    return contractions[key] ?? [key]
  }

  private static let contractions: [String: [String]] = [
    "whats": ["what", "is"], "whos": ["who", "is"], "hows": ["how", "is"], "lets": ["let", "us"],
    "whatre": ["what", "are"], "i'd": ["i", "would"], "щас": ["сейчас"], "ща": ["сейчас"], "скока": ["сколько"],
    "чо": ["что"], "чё": ["что"], "шо": ["что"],
  ]

  private static func withoutEdges(_ chunk: Substring) -> Substring {
    var chunk = chunk
    while let first = chunk.first, isEdge(first) { chunk.removeFirst() }
    while let last = chunk.last, isEdge(last) { chunk.removeLast() }
    return chunk
  }

  private static func isEdge(_ character: Character) -> Bool {
    !(character.isLetter || character.isNumber || character == "+" || character == "#")
      || character == "²" || character == "³"
  }
}
