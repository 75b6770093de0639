import NexyCore
import NexyVoice

/// Chooses the espeak-ng voice of an utterance.
package enum EspeakVoice {
  /// The voices that speak Nexy's languages, as `espeak-ng --voices` 1.51 lists them.
  static let known: Set<String> = [
    "en", "en-029", "en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-gb-x-rp", "en-us",
    "en-us-nyc", "ru", "ru-lv",
  ]

  /// Whether espeak-ng has this voice, with or without a variant such as `+f3`, and it speaks the language.
  package static func speaks(_ voice: String, _ language: Language) -> Bool {
    let base = voice.lowercased().prefix { $0 != "+" }
    return known.contains(String(base)) && Language(tag: String(base)) == language
  }

  /// The voices of a language, for people.
  package static func names(for language: Language) -> String {
    known.filter { Language(tag: $0) == language }.sorted().joined(separator: ", ")
  }

  /// The voice that was asked for where espeak-ng has it; else that of the vendor's name, such as
  /// `en-GB-SoniaNeural`, as long as it speaks the utterance's language; else the setting's.
  static func choose(for utterance: Utterance, among voices: [Language: String]) -> String {
    let standard = voices[utterance.language] ?? utterance.language.rawValue
    guard let asked = utterance.voice?.lowercased(), Language(tag: asked) == utterance.language else { return standard }
    let parts = asked.split(separator: "+", maxSplits: 1).map(String.init)
    if known.contains(parts[0]) {
      let variant = parts.dropFirst().first {
        $0.utf8.count <= 16 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      }
      return variant.map { "\(parts[0])+\($0)" } ?? parts[0]
    }
    let region = asked.split(separator: "-").prefix(2).joined(separator: "-")
    return known.contains(region) ? region : standard
  }
}
