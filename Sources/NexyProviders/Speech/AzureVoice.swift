import NexyCore
import NexyVoice

/// A voice of Azure Speech by its short name, such as `en-US-AriaNeural` or `ru-RU-SvetlanaNeural`.
///
/// The names: https://learn.microsoft.com/azure/ai-services/speech-service/language-support?tabs=tts
package struct AzureVoice: Sendable, Equatable {
  /// The name as Azure spells it.
  package let name: String
  /// The locale that it begins with, such as `en-US`.
  let locale: String

  /// No real name is longer.
  private static let longestName = 80

  /// Takes what is formed like a name: a language, a region, and a name such as `AriaNeural`, `AvaMultilingualNeural`
  /// or `Ava:DragonHDLatestNeural`; whether the voice exists, only Azure knows.
  package init?(_ name: String) {
    let parts = name.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, name.utf8.count <= Self.longestName,
      (2...3).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy(Self.isLower),
      parts[1].utf8.count == 2, parts[1].utf8.allSatisfy(Self.isUpper),
      let initial = parts[2].utf8.first, Self.isUpper(initial), parts[2].utf8.allSatisfy(Self.isNameByte),
      parts[2].hasSuffix("Neural") || parts[2].contains(":")
    else { return nil }
    self.name = name
    locale = "\(parts[0])-\(parts[1])"
  }

  /// The language that the voice speaks; nil for one that Nexy does not know.
  package var language: Language? { Language(tag: locale) }

  /// The voice that was asked for, if it is Azure's and speaks the utterance's language; else the setting's.
  static func choose(for utterance: Utterance, among voices: [Language: AzureVoice]) -> AzureVoice {
    let asked = utterance.voice.flatMap(AzureVoice.init)
    if let asked, asked.language == utterance.language { return asked }
    return voices[utterance.language] ?? standard(for: utterance.language)
  }

  /// The voice of a language where no setting names one: the voices that listeners of Nexy's predecessor know; Aria
  /// also has speaking styles.
  package static func standard(for language: Language) -> AzureVoice {
    switch language {
    case .english: AzureVoice(name: "en-US-AriaNeural", locale: "en-US")
    case .russian: AzureVoice(name: "ru-RU-SvetlanaNeural", locale: "ru-RU")
    }
  }

  private init(name: String, locale: String) {
    self.name = name
    self.locale = locale
  }

  private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
  private static func isNameByte(_ byte: UInt8) -> Bool {
    isLower(byte) || isUpper(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-:".utf8.contains(byte)
  }
}
