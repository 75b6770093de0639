/// A language that the assistant speaks.
package enum Language: String, Sendable, CaseIterable, Codable {
  case english = "en"
  case russian = "ru"

  /// The language of a BCP 47 tag or of a voice name that starts with one: `ru`, `en-GB`, `ru-RU-SvetlanaNeural`.
  package init?(tag: String) {
    let primary = tag.prefix { $0 != "-" && $0 != "_" }
    self.init(rawValue: primary.lowercased())
  }

  /// The language that a text's script tells: mostly Cyrillic letters are Russian, other letters English, none is nil.
  package init?(scriptOf text: some StringProtocol) {
    var cyrillic = 0
    var other = 0
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      if (0x0400...0x052F).contains(scalar.value) { cyrillic += 1 } else { other += 1 }
    }
    guard cyrillic + other > 0 else { return nil }
    // A Russian sentence often names an application in Latin letters; a third of Cyrillic is enough to need its voice.
    self = cyrillic * 2 >= other ? .russian : .english
  }
}
