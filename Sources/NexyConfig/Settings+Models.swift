import NexyCore

extension Settings {
  /// Who answers: `auto` takes what is configured, gemini before openai, at last `offline`.
  package enum ModelChoice: String, CaseIterable, Sendable { case auto, gemini, openai, offline, scripted }
  /// Who answers when the others cannot.
  package enum ModelFallback: String, CaseIterable, Sendable { case gemini, openai, offline }
  /// How a model tells commands: `auto` takes tool calls where the model and the other settings allow them.
  package enum ReplyChoice: String, CaseIterable, Sendable { case auto, tools, json }
  /// What a model may do besides talking.
  package enum ModelTool: String, CaseIterable, Sendable { case googleSearch = "google_search" }

  /// The language models.
  package struct Model: Sendable {
    package var provider: ModelChoice
    /// The YAML file that `scripted` replays.
    package var script: String?
    package var reply: ReplyChoice
    /// In their order; nil leaves it to the one that is chosen.
    package var fallback: [ModelFallback]?
    /// A file in the place of the built-in system prompt.
    package var prompt: String?
    package var gemini: Gemini
    package var openAI: OpenAI
    /// 0 to 2.
    package var temperature: Double
    /// Tokens of one reply at most.
    package var maxTokens: Int
    package var tools: [ModelTool]
    /// How long a model may take to its first delta, and between two.
    package var firstDelta: Duration
    package var stall: Duration
  }

  /// Google's models.
  package struct Gemini: Sendable {
    package var key: String?
    package var fallbackKey: String?
    package var model: String
    package var baseURL: String
  }

  /// Any server with the chat completions stream.
  package struct OpenAI: Sendable {
    /// Nil where nothing of it is configured.
    package var baseURL: String?
    package var key: String?
    package var model: String
  }

  /// What holds for every provider.
  package struct Providers: Sendable {
    package var connect: Duration
    /// Calls of one provider at the same time.
    package var calls: Int
    /// Faults in a row after which a provider is left alone, and for how long.
    package var breakerThreshold: Int
    package var breakerTimeout: Duration
  }

  static func model(_ reader: inout SettingsReader) -> Model {
    Model(
      provider: reader.choice("llm.provider", "LLM_PROVIDER", default: .auto),
      script: reader.optionalText("llm.script", "LLM_SCRIPT"),
      reply: reader.choice("llm.reply", "LLM_REPLY", default: .auto),
      fallback: modelFallback(&reader),
      prompt: reader.optionalText("llm.prompt", "ASSISTANT_PROMPT"),
      gemini: Gemini(
        key: reader.key("text_processing.gemini_api_key", "GEMINI_API_KEY"),
        fallbackKey: reader.key("text_processing.gemini_fallback_api_key", "GEMINI_FALLBACK_API_KEY"),
        model: reader.text(
          "text_processing.langchain_model", "GEMINI_PRIMARY_MODEL", default: "gemini-flash-lite-latest"),
        baseURL: reader.url(
          "llm.gemini.base_url", "GEMINI_BASE_URL", default: "https://generativelanguage.googleapis.com/v1beta")),
      openAI: openAI(&reader),
      temperature: reader.number(
        "text_processing.temperature", "TEXT_PROCESSING_TEMPERATURE", aliases: ["GEMINI_LIVE_TEMPERATURE"],
        default: 0.4, in: 0...2),
      maxTokens: reader.integer(
        "text_processing.max_tokens", "TEXT_PROCESSING_MAX_TOKENS", aliases: ["GEMINI_LIVE_MAX_TOKENS"],
        default: 2048, in: 16...65_536),
      tools: tools(&reader),
      firstDelta: reader.milliseconds("llm.first_delta_timeout_ms", "LLM_FIRST_DELTA_TIMEOUT_MS", default: 10_000),
      stall: reader.milliseconds("llm.stall_timeout_ms", "LLM_STALL_TIMEOUT_MS", default: 10_000))
  }

  /// The predecessor had a switch for search beside the list.
  private static func tools(_ reader: inout SettingsReader) -> [ModelTool] {
    let tools: [ModelTool] = reader.choices(
      "text_processing.tools", "TEXT_PROCESSING_TOOLS", aliases: ["GEMINI_LIVE_TOOLS"], default: [.googleSearch])
    let searches = reader.flag(
      "features.web_search_enabled", "WEB_SEARCH_ENABLED", aliases: ["GOOGLE_SEARCH_ENABLED"], default: true)
    return searches ? tools : tools.filter { $0 != .googleSearch }
  }

  private static func modelFallback(_ reader: inout SettingsReader) -> [ModelFallback]? {
    let models: [ModelFallback] = reader.choices("llm.fallback", "LLM_FALLBACK", default: [.offline])
    return reader.isDefault("llm.fallback") ? nil : models
  }

  private static func openAI(_ reader: inout SettingsReader) -> OpenAI {
    let key = reader.key("llm.openai.api_key", "OPENAI_API_KEY")
    let baseURL = reader.url("llm.openai.base_url", "OPENAI_BASE_URL", default: "https://api.openai.com/v1")
    let isConfigured = key != nil || !reader.isDefault("llm.openai.base_url")
    return OpenAI(
      baseURL: isConfigured ? baseURL : nil, key: key,
      model: reader.text("llm.openai.model", "OPENAI_MODEL", default: "gpt-4o-mini"))
  }

  static func providers(_ reader: inout SettingsReader) -> Providers {
    Providers(
      connect: reader.milliseconds("providers.connect_timeout_ms", "PROVIDER_CONNECT_TIMEOUT_MS", default: 3000),
      calls: reader.integer(
        "text_processing.max_concurrent_requests", "MAX_CONCURRENT_REQUESTS", default: 150, in: 1...10_000),
      breakerThreshold: reader.integer(
        "text_processing.circuit_breaker_threshold", "CIRCUIT_BREAKER_THRESHOLD", default: 3, in: 1...1000),
      breakerTimeout: .seconds(
        reader.integer(
          "text_processing.circuit_breaker_timeout", "CIRCUIT_BREAKER_TIMEOUT", default: 300, in: 1...86_400)))
  }
}
