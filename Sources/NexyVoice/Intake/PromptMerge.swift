/// Joins two recognitions of the same speech: the later usually repeats, extends or continues the earlier.
enum PromptMerge {
  /// The longer one where one contains the other, else both, joined where the end of the first is the start of the
  /// second.
  static func merge(_ earlier: String, _ later: String) -> String {
    if earlier.isEmpty { return later }
    if later.isEmpty || earlier == later { return earlier }
    let (first, second) = (Array(earlier.utf8), Array(later.utf8))
    if contains(second, first) { return later }
    if contains(first, second) { return earlier }
    // The end of a text is the end of a character, so the overlap ends at one in the later text as well.
    let overlap = prefixFunction(second, then: first).last ?? 0
    return earlier + String(decoding: second[overlap...], as: UTF8.self)
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= text.count else { return false }
    // A whole match of the part somewhere in the text: the prefix function of "part text" reaches the part's length.
    return prefixFunction(part, then: text).contains(part.count)
  }

  /// Knuth, Morris and Pratt: for each place of `text`, how much of the start of `pattern` ends there. Linear in both.
  private static func prefixFunction(_ pattern: [UInt8], then text: [UInt8]) -> [Int] {
    var borders = [Int](repeating: 0, count: pattern.count)
    var length = 0
    for index in pattern.indices.dropFirst() {
      while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
      if pattern[index] == pattern[length] { length += 1 }
      borders[index] = length
    }
    length = 0
    return text.map { byte in
      if length == pattern.count { length = borders[length - 1] }
      while length > 0, byte != pattern[length] { length = borders[length - 1] }
      if byte == pattern[length] { length += 1 }
      return length
    }
  }
}
