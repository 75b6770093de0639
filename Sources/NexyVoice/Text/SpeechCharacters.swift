/// The characters of a sentence that can be heard: entities decoded, emoji and invisible characters gone.
enum SpeechCharacters {
  private enum Kind { case kept, invisible, emoji, blank, newline }

  /// Line breaks become newlines and other white space blanks; an emoji between two words leaves a blank.
  static func cleaned(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var clean: [Unicode.Scalar] = []
    clean.reserveCapacity(text.count)
    var followsEmoji = false
    var index = 0
    while index < text.count {
      var scalar = text[index]
      index += 1
      if scalar == "&", let (decoded, next) = HTMLEntity.decoded(in: text, at: index - 1) {
        scalar = decoded
        index = next
      }
      switch kind(of: scalar, before: index < text.count ? text[index] : nil) {
      case .invisible: continue
      case .emoji:
        followsEmoji = true
        continue
      case .blank: clean.append(" ")
      case .newline: clean.append("\n")
      case .kept:
        if followsEmoji { close(&clean, before: scalar) }
        clean.append(scalar)
      }
      followsEmoji = false
    }
    return clean
  }

  /// Closes the gap that an emoji left before `scalar`.
  private static func close(_ clean: inout [Unicode.Scalar], before scalar: Unicode.Scalar) {
    switch scalar {
    case ".", ",", "!", "?", "…", ":", ";", ")":
      while clean.last == " " { clean.removeLast() }
    default:
      if scalar.isWordPart, let last = clean.last, last.isWordPart { clean.append(" ") }
    }
  }

  private static func kind(of scalar: Unicode.Scalar, before next: Unicode.Scalar?) -> Kind {
    switch scalar.value {
    case 0x20: return .blank
    case 0x21...0x7E: return .kept
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: return .newline
    case 0x09, 0x0B, 0x0C, 0xA0: return .blank
    case 0x00...0x1F, 0x7F...0x9F, 0xAD: return .invisible
    case 0xA1..<0x0600: return .kept
    case 0x20E3, 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0xFFFD: return .invisible
    default: break
    }
    switch scalar.properties.generalCategory {
    case .spaceSeparator: return .blank
    case .control, .format, .privateUse, .surrogate, .unassigned: return .invisible
    default: break
    }
    guard scalar.properties.isEmoji else { return .kept }
    switch scalar.value {
    // ‼ ⁉ ™
    case 0x203C, 0x2049, 0x2122: return .kept
    // ℹ, arrows, Ⓜ, 〰 〽 ㊗ ㊙: signs, unless emoji presentation is asked for.
    case 0x2139, 0x2194...0x21AA, 0x24C2, 0x3030...0x3299: return next == "\u{FE0F}" ? .emoji : .kept
    default: return .emoji
    }
  }
}
