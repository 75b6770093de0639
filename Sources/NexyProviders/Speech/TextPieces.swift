/// Cuts a text into pieces that an engine takes one at a time.
enum TextPieces {
  /// Cuts at the last end of a sentence that fits, else at the last white space, else between two characters. Only
  /// white space at a cut is left out; a text that fits is one piece.
  ///
  /// - Parameter limit: Unicode scalars of a piece at most.
  static func cut(_ text: String, limit: Int) -> [String] {
    var pieces: [String] = []
    var rest = Substring(text)
    while let end = rest.unicodeScalars.index(rest.startIndex, offsetBy: limit, limitedBy: rest.endIndex),
      end < rest.endIndex
    {
      let cut = lastBoundary(in: rest, upTo: end)
      append(rest[..<cut], to: &pieces)
      rest = rest[cut...]
    }
    append(rest, to: &pieces)
    return pieces
  }

  private static func append(_ piece: Substring, to pieces: inout [String]) {
    var piece = piece.drop(while: \.isWhitespace)
    while piece.last?.isWhitespace == true { piece.removeLast() }
    if !piece.isEmpty { pieces.append(String(piece)) }
  }

  /// The last place to cut that leaves at most the text up to `end` before it.
  private static func lastBoundary(in text: Substring, upTo end: String.Index) -> String.Index {
    var afterSentence: String.Index?
    var beforeSpace: String.Index?
    var betweenCharacters: String.Index?
    var previous = text[text.startIndex]
    var index = text.index(after: text.startIndex)
    while index <= end, index < text.endIndex {
      betweenCharacters = index
      let character = text[index]
      if character.isWhitespace { beforeSpace = index }
      if character.isWhitespace && ".!?…".contains(previous) || "。！？".contains(previous) { afterSentence = index }
      previous = character
      index = text.index(after: index)
    }
    // At last in the middle of a character, if one alone is longer than a piece may be.
    return afterSentence ?? beforeSpace ?? betweenCharacters ?? end
  }
}
