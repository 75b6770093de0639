import NexyCore

/// The spoken form of a sentence: what an engine should hear, made of what the client sees.
///
/// Markdown, HTML tags, emoji and invisible characters go, links are named, white space is collapsed; words, numbers,
/// currency, quotes and dashes stay as they are. A sentence may hold half of a Markdown span, as sentences are cut
/// without regard to it. The form of a spoken form is itself.
package enum SpeechText {
  /// Markup inside markup is peeled off a layer at a time; no real sentence has more layers.
  private static let mostLayers = 12

  /// - Parameter language: The language in which a link is announced; nil means that of the sentence's script.
  /// - Returns: The empty string when nothing in the sentence can be said.
  package static func spoken(_ sentence: String, language: Language? = nil) -> String {
    if isPlain(sentence) { return sentence }
    var text = Array(sentence.unicodeScalars)
    let language = language ?? SpokenLink.language(around: text)
    for _ in 0..<mostLayers {
      let lines = SpeechCharacters.cleaned(text)
      let next = MarkdownSpans.stripped(MarkdownLines.joined(lines), language: language)
      if next == text { break }
      text = next
    }
    guard text.contains(where: canBeSaid) else { return "" }
    var spoken = String.UnicodeScalarView()
    spoken.append(contentsOf: text)
    return String(spoken)
  }

  /// Whether a sentence is nothing but words and punctuation, which is most sentences, and so its own spoken form.
  private static func isPlain(_ sentence: String) -> Bool {
    var previous = UInt8(ascii: " ")
    var hasWord = false
    var ws = 0
    for byte in sentence.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        hasWord = true
      case 0xD0, 0xD1: hasWord = true
      // Only Cyrillic letters get here, by their first byte above.
      case 0x80...0xBF: break
      case UInt8(ascii: " "): if previous == byte { return false }
      case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ":"),
        UInt8(ascii: ";"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "%"), UInt8(ascii: "$"):
        break
      default: return false
      }
      ws = byte | 0x20 == UInt8(ascii: "w") ? ws + 1 : 0
      if ws == 3 { return false }
      previous = byte
    }
    return hasWord && previous != UInt8(ascii: " ")
  }

  private static func canBeSaid(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "|", "~", "^", "`", "<", ">", "=": return false
    case "%", "&", "@", "#", "§", "‰": return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .mathSymbol, .currencySymbol, .otherSymbol, .modifierSymbol: return true
    default: return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
  }
}

extension Unicode.Scalar {
  /// Whether this is part of a word or number: a letter, a digit or an accent on one.
  var isWordPart: Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x0400...0x0481: true
    case 0..<0x80: false
    default:
      properties.isAlphabetic || properties.numericType != nil || properties.generalCategory == .nonspacingMark
    }
  }
}
