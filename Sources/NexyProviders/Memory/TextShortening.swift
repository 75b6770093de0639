extension String {
  /// The text's beginning, where the text is longer than that many bytes of UTF-8, with an ellipsis.
  ///
  /// It ends with a sentence where one ends in its second half, else with a word, else with a character.
  func shortened(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    let ellipsis = "…"
    // An ellipsis behind a sentence has a blank before it.
    let room = limit - ellipsis.utf8.count - 1
    guard room > 0 else { return "" }
    let half = utf8.index(startIndex, offsetBy: room / 2)
    var sentenceEnd: Index?
    var wordEnd: Index?
    var end = startIndex
    var previous: Character = " "
    while end < endIndex {
      let character = self[end]
      if character.isWhitespace, !previous.isWhitespace, end > half {
        wordEnd = end
        if ".!?…。！？".contains(previous) { sentenceEnd = end }
      }
      let next = index(after: end)
      guard utf8.distance(from: startIndex, to: next) <= room else { break }
      (previous, end) = (character, next)
    }
    if let sentenceEnd { return self[..<sentenceEnd] + " " + ellipsis }
    return self[..<(wordEnd ?? end)] + ellipsis
  }
}
