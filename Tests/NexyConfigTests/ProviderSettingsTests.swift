import NexyCore
import Testing

@testable import NexyConfig

@Suite("Settings of providers") struct ProviderSettingsTests {
  static let placeholders: [(key: String, isPlaceholder: Bool)] = [
    ("your_api_key", true), ("YOUR-GEMINI-KEY", true), ("yourkey", true), ("changeme", true), ("<key>", true),
    ("${GEMINI_API_KEY}", true), ("xxxxxxxxxxxx", true), ("****", true), ("...", true), ("sk-your-key-here", true),
    ("insert key", true), ("replace_with_key", true), ("TODO", true),
    ("AIzaSyA-0123456789abcdefghij", false), ("0123456789abcdef0123456789abcdef", false),
    ("sk-proj-Zx81_qmA-22bQTODOyourself77", false), ("ollama", false), ("sk-no-auth", false),
    ("token-abc123", false), ("sk-my-secret-9f8a7", false),
  ]

  @Test("what a template has in a key's place is no key", arguments: placeholders)
  func placeholder(key: String, isPlaceholder: Bool) throws {
    let settings = try SettingsFolder().settings(environment: ["GEMINI_API_KEY": key, "OPENAI_API_KEY": key])
    #expect((settings.model.gemini.key == nil) == isPlaceholder)
    #expect(settings.warnings.contains { $0.contains("GEMINI_API_KEY") } == isPlaceholder)
    #expect(!settings.warnings.contains { $0.contains(key) })
  }

  static let addresses: [(text: String, read: String?)] = [
    ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"), ("https://host/v1/", "https://host/v1"),
    ("HTTPS://host", "HTTPS://host"), ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
    ("ftp://host", nil), ("host:8080", nil), ("/v1", nil), ("https://", nil), ("https://user:word@host/v1", nil),
    ("https://host/v1?key=1", nil), ("https://host/#top", nil), ("not an address", nil),
  ]

  @Test("an address is whole, and has no slash at its end", arguments: addresses)
  func address(text: String, read: String?) throws {
    let environment = ["OPENAI_BASE_URL": text]
    guard let read else {
      let error = try #require(throws: NexyError.self) { try SettingsFolder().settings(environment: environment) }
      #expect(error.message.contains("OPENAI_BASE_URL"))
      return
    }
    #expect(try SettingsFolder().settings(environment: environment).model.openAI.baseURL == read)
  }

  static let lists: [(text: String, read: [Settings.ModelFallback]?)] = [
    ("offline", [.offline]), ("openai,offline", [.openai, .offline]), (" OpenAI , gemini ", [.openai, .gemini]),
    ("none", []), ("claude", nil), ("openai,,offline", [.openai, .offline]), ("openai,openai", nil),
  ]

  @Test("a list has commas, and each word once", arguments: lists)
  func list(text: String, read: [Settings.ModelFallback]?) {
    let settings = try? SettingsFolder().settings(environment: ["LLM_FALLBACK": text])
    #expect(settings.map { $0.model.fallback ?? [] } == read)
  }

  static let keys: [(environment: [String: String], sent: String?)] = [
    (["OPENAI_API_KEY": "sk-models"], "sk-models"),
    (["OPENAI_API_KEY": "sk-models", "OPENAI_SPEECH_BASE_URL": "http://elsewhere/v1"], nil),
    (["OPENAI_API_KEY": "sk-models", "OPENAI_SPEECH_BASE_URL": "https://api.openai.com/v1"], "sk-models"),
    (
      [
        "OPENAI_API_KEY": "sk-models", "OPENAI_SPEECH_BASE_URL": "http://elsewhere/v1",
        "OPENAI_SPEECH_API_KEY": "sk-voice",
      ],
      "sk-voice"
    ),
  ]

  @Test("the models' key goes to no other server", arguments: keys)
  func key(environment: [String: String], sent: String?) throws {
    #expect(try SettingsFolder().settings(environment: environment).speech.openAI.key == sent)
  }

  @Test(
    "the predecessor's names are read",
    arguments: [
      ("GEMINI_LIVE_TEMPERATURE", "0.9"), ("TEXT_PROCESSING_TEMPERATURE", "0.9"),
    ])
  func alias(name: String, value: String) throws {
    #expect(try SettingsFolder().settings(environment: [name: value]).model.temperature == 0.9)
  }
}
