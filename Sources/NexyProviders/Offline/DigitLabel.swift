/// Digits that name a thing and count nothing: dates, times of day, telephone numbers.
enum DigitLabel {
  /// Whether a text has such digits where arithmetic would subtract and divide them.
  static func isIn(_ text: String) -> Bool {
    let characters = text.map { dashes.contains($0) ? "-" : $0 }
    let chunks = characters.split(whereSeparator: \.isWhitespace)
    if chunks.contains(where: { isDate(trimmed($0)) }) { return true }
    let whole = trimmed(characters[...])
    if isTimeOfDay(whole) { return true }
    guard let first = whole.firstIndex(where: { isDigit($0) || $0 == "+" || $0 == "(" }) else { return false }
    // Whoever asks "what is 100-50-25" wants it calculated; by themselves such groups are a telephone number.
    return isTelephone(whole[first...], isAsked: whole.contains(where: \.isLetter))
  }

  /// "2024-01-01", "1/2/2024", "10:30:15": three groups that a calendar or a clock knows.
  private static func isDate(_ chunk: ArraySlice<Character>) -> Bool {
    guard let separator = chunk.first(where: { !isDigit($0) }), "-/:.".contains(separator) else { return false }
    let groups = chunk.split(separator: separator, omittingEmptySubsequences: false)
    guard groups.count == 2 || groups.count == 3, groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) })
    else { return false }
    if separator == "-" || separator == "/", groups.contains(where: { $0.count > 1 && $0.first == "0" }) { return true }
    guard groups.count == 3 else { return false }
    if separator == ":" { return groups[0].count <= 2 && groups.dropFirst().allSatisfy { $0.count == 2 } }
    let numbers = groups.compactMap { Int(String($0)) }
    guard numbers.count == 3 else { return false }
    let (year, others) = numbers[0] > 31 ? (numbers[0], numbers[1...]) : (numbers[2], numbers[..<2])
    return (1000..<3000).contains(year) && others.allSatisfy { (1...31).contains($0) } && others.contains { $0 <= 12 }
  }

  /// "10:30" by itself; with blanks or a question around it the colon divides.
  private static func isTimeOfDay(_ text: ArraySlice<Character>) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && (1...2).contains(parts[0].count) && parts[1].count == 2
      && parts.allSatisfy { $0.allSatisfy(isDigit) }
  }

  /// "+7 999 123-45-67", "8 (800) 555-35-35", "555-1234".
  private static func isTelephone(_ text: ArraySlice<Character>, isAsked: Bool) -> Bool {
    guard text.dropFirst().allSatisfy({ isDigit($0) || $0.isWhitespace || "-()".contains($0) }) else { return false }
    guard let last = text.last, isDigit(last), !hasLooseDash(text) else { return false }
    let digits = text.count(where: isDigit)
    guard (7...19).contains(digits) else { return false }
    if text.first == "+" { return text.contains { $0 == "-" || $0 == "(" } }
    let codes = text.split(separator: "(", omittingEmptySubsequences: false).dropFirst()
    if codes.count == 1, let code = codes.first?.prefix(while: { $0 != ")" }), text.contains(")") {
      return (3...5).contains(code.count) && code.allSatisfy(isDigit)
    }
    let groups = text.split(separator: "-").map { $0.filter(isDigit).count }
    if digits == 11, groups.starts(with: [1, 3, 3]) { return true }
    if isAsked || codes.count > 0 { return false }
    return groups == [3, 4] || groups.count > 2 && groups.dropFirst().allSatisfy { (2...6).contains($0) }
  }

  /// Whether a blank stands on both sides of a dash, as around a sign.
  private static func hasLooseDash(_ text: ArraySlice<Character>) -> Bool {
    text.split(whereSeparator: \.isWhitespace).contains { $0.allSatisfy { $0 == "-" } }
  }

  private static func trimmed(_ text: ArraySlice<Character>) -> ArraySlice<Character> {
    var text = text
    while let last = text.last, "=?!.,;: ".contains(last) { text.removeLast() }
    return text
  }

  private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

  /// The hyphens and dashes that are written between groups of digits.
  private static let dashes: Set<Character> = ["-", "–", "—", "−", "‐", "‑"]
}
