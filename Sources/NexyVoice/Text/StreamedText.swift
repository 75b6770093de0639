/// Thrown where a decision would need text that has not come yet; the decision is taken again when it has.
///
/// It is what makes the segmenter independent of where the stream is cut: whatever is read beyond the end of what has
/// come throws, so that every decision is a function of the text alone.
struct NeedsMoreText: Error {}

/// A character of the text, what it is, and where it and the next one begin.
struct Glyph {
  let scalar: UInt32
  let kind: GlyphKind
  let offset: Int
  let next: Int

  /// Tells whether this is an ASCII character.
  static func == (glyph: Glyph, character: Unicode.Scalar) -> Bool { glyph.scalar == character.value }
}

/// The part of a UTF-8 stream that is not spoken yet.
struct StreamedText {
  /// What a look-ahead of one kind (white space, terminators, closing marks) is bounded to, in characters.
  static let reach = 32

  var bytes: [UInt8] = []
  /// No more bytes follow.
  var isOver = false

  /// The character at an offset; at the end of a text that is over, an edge.
  func glyph(at offset: Int) throws(NeedsMoreText) -> Glyph {
    guard offset < bytes.count else {
      if isOver { return Glyph(scalar: .max, kind: .edge, offset: offset, next: offset) }
      throw NeedsMoreText()
    }
    let first = bytes[offset]
    if first < 0x80 {
      return Glyph(scalar: UInt32(first), kind: GlyphKind(ascii: first), offset: offset, next: offset + 1)
    }
    return try wideGlyph(at: offset, first: first)
  }

  /// A character of two to four bytes; a byte that begins none is a character by itself.
  private func wideGlyph(at offset: Int, first: UInt8) throws(NeedsMoreText) -> Glyph {
    let stray = Glyph(scalar: 0xFFFD, kind: .other, offset: offset, next: offset + 1)
    let length: Int
    var scalar: UInt32
    switch first {
    case 0xC2...0xDF: (length, scalar) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, scalar) = (3, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, scalar) = (4, UInt32(first & 0x07))
    default: return stray
    }
    for index in offset + 1..<offset + length {
      guard index < bytes.count else {
        if isOver { return stray }
        throw NeedsMoreText()
      }
      guard bytes[index] & 0xC0 == 0x80 else { return stray }
      scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
    }
    return Glyph(scalar: scalar, kind: GlyphKind(scalar: scalar), offset: offset, next: offset + length)
  }

  /// The character that ends before an offset; an edge where there is none at or after the floor.
  func glyph(before offset: Int, floor: Int) -> Glyph {
    var begin = offset - 1
    while begin > floor, offset - begin < 4, bytes[begin] & 0xC0 == 0x80 { begin -= 1 }
    guard begin >= floor, let glyph = try? glyph(at: begin), glyph.next == offset else {
      let kind: GlyphKind = offset > floor ? .other : .edge
      return Glyph(scalar: kind == .edge ? .max : 0xFFFD, kind: kind, offset: max(offset - 1, floor), next: offset)
    }
    return glyph
  }

  /// Where the white space begins that ends at an offset.
  func endOfText(before offset: Int, floor: Int) -> Int {
    var end = offset
    while end > floor {
      let glyph = glyph(before: end, floor: floor)
      guard glyph.kind.isSpace else { break }
      end = glyph.offset
    }
    return end
  }

  /// How many characters a piece has.
  func length(of range: Range<Int>) -> Int { bytes[range].count { $0 & 0xC0 != 0x80 } }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
