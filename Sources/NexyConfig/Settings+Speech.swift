import NexyCore

extension Settings {
  /// Who speaks: `auto` takes what is configured, azure before openai, at last `espeak`.
  package enum SpeechChoice: String, CaseIterable, Sendable { case auto, azure, openai, espeak, tone }
  /// Who speaks when the others cannot.
  package enum SpeechFallback: String, CaseIterable, Sendable { case azure, openai, espeak }

  /// The speech engines.
  package struct Speech: Sendable {
    package var provider: SpeechChoice
    /// In their order; nil is every configured one.
    package var fallback: [SpeechFallback]?
    package var azure: Azure
    package var openAI: OpenAISpeech
    /// A name to look for on PATH, or a path.
    package var espeakBinary: String
    /// Words a minute.
    package var espeakRate: Int
    /// 0 to 99.
    package var espeakPitch: Int
    /// Voices as `espeak-ng --voices` names them.
    package var espeakEnglishVoice: String
    package var espeakRussianVoice: String
    /// How long an engine may take to its first sound, and between two pieces of it.
    package var firstSound: Duration
    package var stall: Duration
  }

  /// Azure Speech; texts as its SSML takes them.
  package struct Azure: Sendable {
    package var key: String?
    package var region: String?
    /// In the place of the region's own address.
    package var baseURL: String?
    package var englishVoice: String
    package var russianVoice: String
    package var style: String?
    package var rate: String?
    package var pitch: String?
    package var volume: String?
  }

  /// Any server with `/audio/speech`.
  package struct OpenAISpeech: Sendable {
    /// Nil where there is none.
    package var baseURL: String?
    package var key: String?
    /// Where the key is set.
    package var keySetting: String
    package var model: String
    package var voice: String
    /// Whether it is meant to speak: many a server of one's own has models and no speech.
    package var isConfigured: Bool
  }

  static func speech(_ reader: inout SettingsReader, openAI: OpenAI) -> Speech {
    Speech(
      provider: reader.choice("tts.provider", "TTS_PROVIDER", default: .auto),
      fallback: fallback(&reader),
      azure: azure(&reader),
      openAI: openAISpeech(&reader, openAI),
      espeakBinary: reader.text("tts.espeak.binary", "ESPEAK_BINARY", default: "espeak-ng"),
      espeakRate: reader.integer("tts.espeak.rate", "ESPEAK_RATE", default: 175, in: 80...450),
      espeakPitch: reader.integer("tts.espeak.pitch", "ESPEAK_PITCH", default: 50, in: 0...99),
      espeakEnglishVoice: reader.text("tts.espeak.voice_en", "ESPEAK_VOICE_EN", default: "en-us"),
      espeakRussianVoice: reader.text("tts.espeak.voice_ru", "ESPEAK_VOICE_RU", default: "ru"),
      firstSound: reader.milliseconds("tts.first_audio_timeout_ms", "TTS_FIRST_AUDIO_TIMEOUT_MS", default: 5000),
      stall: reader.milliseconds("tts.stall_timeout_ms", "TTS_STALL_TIMEOUT_MS", default: 5000))
  }

  private static func fallback(_ reader: inout SettingsReader) -> [SpeechFallback]? {
    let engines: [SpeechFallback] = reader.choices("tts.fallback", "TTS_FALLBACK", default: SpeechFallback.allCases)
    return reader.isDefault("tts.fallback") ? nil : engines
  }

  private static func azure(_ reader: inout SettingsReader) -> Azure {
    // One voice for everything, as the predecessor had it, speaks its own language here.
    let voice = reader.optionalText("tts.azure.voice", "AZURE_SPEECH_VOICE")
    let (english, russian) = (voice?.hasPrefix("en-") == true, voice?.hasPrefix("ru-") == true)
    return Azure(
      key: reader.key("tts.azure.speech_key", "AZURE_SPEECH_KEY"),
      region: reader.optionalText("tts.azure.speech_region", "AZURE_SPEECH_REGION"),
      baseURL: reader.optionalURL("tts.azure.base_url", "AZURE_SPEECH_BASE_URL"),
      englishVoice: reader.text(
        "tts.azure.voice_en", "AZURE_SPEECH_VOICE_EN", default: (english ? voice : nil) ?? "en-US-AriaNeural"),
      russianVoice: reader.text(
        "tts.azure.voice_ru", "AZURE_SPEECH_VOICE_RU", default: (russian ? voice : nil) ?? "ru-RU-SvetlanaNeural"),
      style: reader.optionalText("tts.azure.style", "AZURE_SPEECH_STYLE"),
      rate: prosody("tts.azure.rate", "AZURE_SPEECH_RATE", &reader),
      pitch: prosody("tts.azure.pitch", "AZURE_SPEECH_PITCH", &reader),
      volume: prosody("tts.azure.volume", "AZURE_SPEECH_VOLUME", &reader))
  }

  /// The predecessor's 1.0 was the voice's own; as a volume Azure would take it for one of a hundred.
  private static func prosody(_ key: String, _ name: String, _ reader: inout SettingsReader) -> String? {
    reader.optionalText(key, name).flatMap { ["1", "1.0"].contains($0) ? nil : $0 }
  }

  /// The key of the models goes to the speech server only where it is the same server.
  private static func openAISpeech(_ reader: inout SettingsReader, _ openAI: OpenAI) -> OpenAISpeech {
    let own = reader.optionalURL("tts.openai.base_url", "OPENAI_SPEECH_BASE_URL")
    let key = reader.key("tts.openai.api_key", "OPENAI_SPEECH_API_KEY")
    let model = reader.text("tts.openai.model", "OPENAI_SPEECH_MODEL", default: "gpt-4o-mini-tts")
    let voice = reader.text("tts.openai.voice", "OPENAI_SPEECH_VOICE", default: "alloy")
    let names = ["tts.openai.base_url", "tts.openai.model", "tts.openai.voice"]
    let isNamed = names.contains { !reader.isDefault($0) }
    let isOpenAIsOwn = openAI.key != nil && reader.isDefault("llm.openai.base_url")
    let baseURL = own ?? openAI.baseURL
    return OpenAISpeech(
      baseURL: baseURL, key: key ?? (own == nil || own == openAI.baseURL ? openAI.key : nil),
      keySetting: own == nil || own == openAI.baseURL ? "OPENAI_API_KEY" : "OPENAI_SPEECH_API_KEY", model: model,
      voice: voice, isConfigured: baseURL != nil && (isNamed || isOpenAIsOwn))
  }
}
