/// A document of the Speech Synthesis Markup Language as Azure reads it.
///
/// The elements: https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure and
/// https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-voice
struct SSML {
  let voice: AzureVoice
  /// Sent only to a voice that has it; empty for none.
  var style = ""
  var prosody = AzureProsody()

  /// The document in which the voice says a text.
  func document(saying text: String) -> String {
    var content = Self.escaped(text)
    let attributes = [("rate", prosody.rate), ("pitch", prosody.pitch), ("volume", prosody.volume)]
      .filter { !$0.1.isEmpty }
    if !attributes.isEmpty { content = Self.element("prosody", attributes, content) }
    if AzureStyle.isKnown(style, to: voice) { content = Self.element("mstts:express-as", [("style", style)], content) }
    return Self.element(
      "speak",
      [
        ("version", "1.0"), ("xmlns", "http://www.w3.org/2001/10/synthesis"),
        ("xmlns:mstts", "https://www.w3.org/2001/mstts"), ("xml:lang", voice.locale),
      ], Self.element("voice", [("name", voice.name)], content))
  }

  private static func element(_ name: String, _ attributes: [(String, String)], _ content: String) -> String {
    let written = attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    return "<\(name)\(written)>\(content)</\(name)>"
  }

  /// A text as XML holds it, between tags or between quotes.
  ///
  /// Characters that XML 1.0 forbids, even as references, are left out (https://www.w3.org/TR/xml/#charsets).
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&apos;".unicodeScalars)
      case "\t", "\n", "\r", " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
        result.append(scalar)
      default: break
      }
    }
    return String(result)
  }
}
