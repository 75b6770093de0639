/// What a provider is called, and the settings that an operator turns when it fails.
package struct ProviderNames: Sendable, Equatable {
  /// Which port of a turn it fills.
  package enum Port: String, Sendable { case model, speech }

  package var port: Port
  /// As settings spell it.
  package var provider: String
  package var keySetting: String
  package var addressSetting: String
  package var modelSetting: String

  package init(port: Port, provider: String, keySetting: String, addressSetting: String, modelSetting: String) {
    self.port = port
    self.provider = provider
    self.keySetting = keySetting
    self.addressSetting = addressSetting
    self.modelSetting = modelSetting
  }

  package static let gemini = ProviderNames(
    port: .model, provider: "gemini", keySetting: "GEMINI_API_KEY", addressSetting: "GEMINI_BASE_URL",
    modelSetting: "GEMINI_PRIMARY_MODEL")

  package static let openAI = ProviderNames(
    port: .model, provider: "openai", keySetting: "OPENAI_API_KEY", addressSetting: "OPENAI_BASE_URL",
    modelSetting: "OPENAI_MODEL")
}
