import NexyCore

/// Tells a secret from prose about secrets.
///
/// A log masks too much rather than too little. Release notes say `API key: now optional` and `bearer authentication`, and
/// that must not stop a release.
enum SecretProse {
  /// Bytes of a word of mixed case, such as `GitHub`, before it is taken for a key.
  private static let longestMixedWord = 12

  static func isSecret(_ sighting: Redaction.Sighting, in bytes: UnsafeRawBufferPointer) -> Bool {
    let value = bytes[sighting.range]
    if isPlaceholder(value) { return false }
    switch sighting.kind {
    case .credentials: return true
    case .key, .bearer, .named: return !isProse(value)
    case .assigned:
      // `password=hunter` is no sentence; `Password: required` is one.
      let before = bytes[..<sighting.range.lowerBound].last { !" \t\r\n\"'\\".utf8.contains($0) }
      return before == UInt8(ascii: "=") || isQuoted(sighting, in: bytes) || !isProse(value)
    }
  }

  private static func isQuoted(_ sighting: Redaction.Sighting, in bytes: UnsafeRawBufferPointer) -> Bool {
    bytes[..<sighting.range.lowerBound].last.map { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") } ?? false
  }

  /// A word or several: letters with marks around them, no digit, and capitals only where words have them.
  private static func isProse(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
    var (previous, changes) = (UInt8(ascii: " "), 0)
    for byte in value {
      switch byte {
      case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "/"): return false
      case 0x41...0x5A where (0x61...0x7A).contains(previous): changes += 1
      default: break
      }
      previous = byte
    }
    return changes == 0 || value.count < longestMixedWord
  }

  /// What stands in examples: `<your key>`, `${TOKEN}`, `YOUR_KEY_HERE`, `****`, `...`.
  private static func isPlaceholder(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
    let text = String(decoding: value, as: UTF8.self)
    return text.isEmpty || text.hasPrefix("<") || text.hasPrefix("$") || text.hasPrefix("YOUR_")
      || text.hasSuffix("_HERE") || text.hasPrefix("...") || text.hasPrefix("…") || text.contains(Redaction.mask)
  }
}
