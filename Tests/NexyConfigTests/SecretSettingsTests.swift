import Testing

@testable import NexyConfig

@Suite("A secret setting is used, never shown")
struct SecretSettingsTests {
  private static let names = [
    ("gemini.api_key", "GEMINI_API_KEY"), ("azure.speech_key", "AZURE_SPEECH_KEY"), ("github.token", "GITHUB_TOKEN"),
    ("database.password", "DB_PASSWORD"), ("stripe.webhook_secret", "STRIPE_TEST_WEBHOOK_SECRET"),
    ("plain.name", "PLAIN_TOKEN"),
  ]

  @Test("its value is masked in the listing, and whole for who asked", arguments: names)
  func masked(key: String, name: String) throws {
    var reader = SettingsReader(try SettingsSources.load(environment: [name: "hunter2"], folder: SettingsFolder().path))
    #expect(reader.text(key, name, default: "") == "hunter2")
    #expect(reader.resolved.map(\.value) == ["****"])
    #expect(reader.resolved.map(\.source) == ["environment (\(name))"])
  }

  @Test("a bad value is told without the value", arguments: names)
  func badValue(key: String, name: String) throws {
    var reader = SettingsReader(try SettingsSources.load(environment: [name: "hunter2"], folder: SettingsFolder().path))
    _ = reader.integer(key, name, default: 1, in: 1...9)
    #expect(reader.problems.count == 1)
    #expect(reader.problems[0].contains(name))
    #expect(!reader.problems[0].contains("hunter2"))
  }

  @Test("a default that is no secret's is shown")
  func unset() throws {
    var reader = SettingsReader(try SettingsSources.load(environment: [:], folder: SettingsFolder().path))
    _ = reader.optionalText("gemini.api_key", "GEMINI_API_KEY")
    #expect(reader.resolved.map(\.value) == [""])
    #expect(reader.resolved.map(\.source) == ["default"])
  }
}
