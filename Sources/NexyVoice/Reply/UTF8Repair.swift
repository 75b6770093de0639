/// Makes well-formed UTF-8 of bytes that arrive cut anywhere.
///
/// A sequence that cannot be whole becomes one U+FFFD, as `String(decoding:as:)` does it; a sequence that may still be
/// completed is kept until it is, three bytes at most.
struct UTF8Repair: Sendable {
  static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  private var partial: [UInt8] = []
  private var missing = 0
  private var allowed: ClosedRange<UInt8> = 0x80...0xBF

  /// Appends the character that `byte` makes whole, if it does, to `clean`.
  mutating func take(_ byte: UInt8, into clean: inout [UInt8]) {
    if missing > 0 {
      if allowed.contains(byte) {
        partial.append(byte)
        missing -= 1
        allowed = 0x80...0xBF
        if missing == 0 { flush(into: &clean) }
        return
      }
      missing = 0
      partial.removeAll(keepingCapacity: true)
      clean += Self.replacement
    }
    switch byte {
    case 0x00...0x7F: clean.append(byte)
    case 0xC2...0xDF: expect(1, after: byte, in: 0x80...0xBF)
    case 0xE0: expect(2, after: byte, in: 0xA0...0xBF)
    case 0xED: expect(2, after: byte, in: 0x80...0x9F)
    case 0xE1...0xEF: expect(2, after: byte, in: 0x80...0xBF)
    case 0xF0: expect(3, after: byte, in: 0x90...0xBF)
    case 0xF1...0xF3: expect(3, after: byte, in: 0x80...0xBF)
    case 0xF4: expect(3, after: byte, in: 0x80...0x8F)
    default: clean += Self.replacement
    }
  }

  private mutating func expect(_ count: Int, after lead: UInt8, in range: ClosedRange<UInt8>) {
    partial.append(lead)
    missing = count
    allowed = range
  }

  private mutating func flush(into clean: inout [UInt8]) {
    clean += partial
    partial.removeAll(keepingCapacity: true)
  }
}
