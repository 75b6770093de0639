/// What an item of a list begins with: `1.`, `2)`, `3.)`, `a.`, `б)`, `IV.`, `1.2.`.
struct ListMarker: Equatable {
  enum Ordinal: Equatable {
    case number(Int)
    case letter(UInt32)
    /// Of two figures or more; a single one is a letter too.
    case roman(Int)
    /// Such as 1.2, whose successor is not looked for.
    case composed

    fileprivate var romanNumber: Int? {
      switch self {
      case .roman(let number): number
      case .letter(let letter): romanFigure(letter)
      case .number, .composed: nil
      }
    }
  }

  let ordinal: Ordinal
  let hasDot: Bool
  let hasParenthesis: Bool
  /// Where the marker ends, after its dot or parenthesis.
  let end: Int

  /// The first marker of a list: 1, i or the first letter of an alphabet.
  var isFirst: Bool {
    switch ordinal {
    case .number(let number): number == 1
    case .letter(let letter): [0x41, 0x49, 0x61, 0x69, 0x410, 0x430].contains(letter)
    case .roman, .composed: false
    }
  }

  /// Tells whether this marker is the next one of the same list.
  func follows(_ marker: ListMarker) -> Bool {
    guard hasDot == marker.hasDot, hasParenthesis == marker.hasParenthesis else { return false }
    if let before = marker.ordinal.romanNumber, let number = ordinal.romanNumber, number == before + 1 { return true }
    switch (marker.ordinal, ordinal) {
    case (.number(let before), .number(let number)): return number == before + 1
    // The Russian alphabet of lists leaves out ё and й.
    case (.letter(let before), .letter(let letter)): return letter == before + (before == 0x438 ? 2 : 1)
    default: return false
    }
  }
}

extension StreamedText {
  /// The list marker that begins at an offset, if one does, composed (`1.2.`) if allowed.
  func marker(at offset: Int, mayBeComposed: Bool) throws(NeedsMoreText) -> ListMarker? {
    let first = try glyph(at: offset)
    guard let (ordinal, end) = try ordinal(at: first, mayBeComposed: mayBeComposed) else { return nil }
    var mark = try glyph(at: end)
    let hasDot = mark.kind == .dot
    if hasDot { mark = try glyph(at: mark.next) }
    let hasParenthesis = mark == ")"
    if hasParenthesis { mark = try glyph(at: mark.next) }
    guard hasDot || hasParenthesis else { return nil }
    let isGlued = first.kind == .digit && mark.kind.isLetter
    guard mark.kind.isSpace || mark.kind == .edge || isGlued else { return nil }
    return ListMarker(ordinal: ordinal, hasDot: hasDot, hasParenthesis: hasParenthesis, end: mark.offset)
  }

  /// The number or letter of a list marker and where it ends.
  private func ordinal(
    at first: Glyph, mayBeComposed: Bool
  ) throws(NeedsMoreText) -> (ListMarker.Ordinal, end: Int)? {
    if first.kind == .digit { return try number(at: first.offset, mayBeComposed: mayBeComposed) }
    guard first.kind == .lower || first.kind == .upper else { return nil }
    let second = try glyph(at: first.next)
    guard second.kind == first.kind else { return (.letter(first.scalar), first.next) }
    // Two to five Roman figures of one case.
    var cursor = first
    var count = 0
    var number = 0
    var before = 0
    while cursor.kind == first.kind, count < 5, let figure = romanFigure(cursor.scalar) {
      // A smaller figure before a greater one is taken from it.
      number += figure > before ? figure - 2 * before : figure
      before = figure
      count += 1
      cursor = try glyph(at: cursor.next)
    }
    return count >= 2 ? (.roman(number), cursor.offset) : nil
  }

  private func number(at offset: Int, mayBeComposed: Bool) throws(NeedsMoreText) -> (ListMarker.Ordinal, end: Int)? {
    var cursor = try glyph(at: offset)
    var value = 0
    var digits = 0
    while cursor.kind == .digit {
      digits += 1
      guard digits <= 3 else { return nil }
      value = value * 10 + Int(cursor.scalar & 0x0F)
      cursor = try glyph(at: cursor.next)
    }
    guard mayBeComposed, cursor.kind == .dot else { return (.number(value), cursor.offset) }
    var isComposed = false
    for _ in 0..<4 {
      guard cursor.kind == .dot else { break }
      let digit = try glyph(at: cursor.next)
      guard digit.kind == .digit else { break }
      let next = try glyph(at: digit.next)
      cursor = next.kind == .digit ? try glyph(at: next.next) : next
      isComposed = true
    }
    return (isComposed ? .composed : .number(value), cursor.offset)
  }

  /// Tells whether a list item, a heading, a table row, a quotation or a fence of Markdown begins here, after a newline.
  func beginsBlock(at offset: Int) throws(NeedsMoreText) -> Bool {
    let first = try glyph(at: offset)
    switch first.kind {
    case .bullet: return true
    case .dash, .markup:
      let second = try glyph(at: first.next)
      if second.kind.isSpace { return first.kind == .dash || first == "*" }
      guard second.scalar == first.scalar, first == "-" || first == "*" || first == "`" else { return false }
      let third = try glyph(at: second.next)
      return third.scalar == first.scalar && first.scalar != 0x2A
    case .digit, .lower, .upper: return try marker(at: offset, mayBeComposed: true) != nil
    case .other:
      if first == "#" || first == "|" || first == ">" { return true }
      guard first == "+" else { return false }
      return try glyph(at: first.next).kind.isSpace
    default: return false
    }
  }
}

/// What a letter is worth in the numbers of a list: I, V and X in either case.
private func romanFigure(_ letter: UInt32) -> Int? {
  switch letter {
  case 0x49, 0x69: 1
  case 0x56, 0x76: 5
  case 0x58, 0x78: 10
  default: nil
  }
}
