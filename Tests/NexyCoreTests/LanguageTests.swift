import NexyCore
import Testing

@Suite("A language is known by a tag or by a script")
struct LanguageTests {
  private static let tags: [(tag: String, language: Language?)] = [
    ("en", .english), ("EN", .english), ("en-GB", .english), ("en_US", .english), ("en-US-AriaNeural", .english),
    ("ru", .russian), ("Ru", .russian), ("ru-RU", .russian), ("ru_RU", .russian), ("ru-RU-SvetlanaNeural", .russian),
    ("", nil), ("-", nil), ("de", nil), ("de-DE", nil), ("rus", nil), ("english", nil), ("x-en", nil), ("auto", nil),
  ]

  @Test("a tag's first part names the language", arguments: tags)
  func tag(tag: String, language: Language?) { #expect(Language(tag: tag) == language) }

  private static let scripts: [(text: String, language: Language?)] = [
    ("Hello", .english), ("Open Safari, please.", .english), ("Café déjà vu", .english), ("C#", .english),
    ("Привет", .russian), ("Который час?", .russian), ("Ёлка", .russian), ("да", .russian),
    ("Открой Safari", .russian), ("Открой Visual Studio", .russian), ("В Xcode 16 есть ошибка", .russian),
    ("The Russian word мир means both peace and world", .english),
    ("", nil), ("   ", nil), ("12:30", nil), ("2 + 2 = 4", nil), ("…?!", nil), ("🎉", nil),
  ]

  @Test("a text's letters tell its language", arguments: scripts)
  func script(text: String, language: Language?) { #expect(Language(scriptOf: text) == language) }

  @Test("a part of a text tells its own language")
  func part() { #expect(Language(scriptOf: "Hello, мир".dropFirst(7)) == .russian) }
}
