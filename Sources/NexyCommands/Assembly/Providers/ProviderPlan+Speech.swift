import NexyConfig
import NexyCore
import NexyProviders
import NexyVoice

extension ProviderPlan {
  mutating func planEngines(_ settings: Settings.Speech, environment: [String: String]) throws {
    let hasEspeak = Executable.find(settings.espeakBinary, environment: environment) != nil
    let configured = Settings.SpeechFallback.allCases.filter {
      isConfigured($0, settings) || $0 == .espeak && hasEspeak
    }
    if settings.azure.key != nil, settings.azure.region == nil, settings.azure.baseURL == nil {
      warnings.append("AZURE_SPEECH_KEY is set and AZURE_SPEECH_REGION is not, so Azure cannot speak: set the region.")
    }
    let chosen = try choose(settings, configured)
    var names = chosen.map { [$0] } ?? []
    if chosen == nil { engines.append(.tone) }
    // What is deterministic stays so, unless somebody asks for more.
    let standsAlone = settings.provider == .tone || settings.provider == .espeak
    for name in settings.fallback ?? (standsAlone ? [] : configured) where !names.contains(name) {
      if configured.contains(name) {
        names.append(name)
      } else {
        warnings.append("TTS_FALLBACK names \(name.rawValue), which is not there: configure it, or take it out.")
      }
    }
    for name in names { engines.append(try plan(name, settings)) }
    let notes = (chosen == nil ? ["tone (a sine, not speech)"] : []) + names.map { note($0, settings, hasEspeak) }
    speechNote = notes.joined(separator: ", then ")
    if !hasEspeak, names.contains(.espeak) {
      canSpeak = names.count > 1
      warnings.append(
        "espeak-ng was not found, so it cannot speak: install it (apt-get install espeak-ng, brew install espeak-ng), "
          + "or set ESPEAK_BINARY to its path, or TTS_PROVIDER=tone.")
    }
  }

  /// - Returns: Nil for the sine.
  private func choose(
    _ settings: Settings.Speech, _ configured: [Settings.SpeechFallback]
  ) throws -> Settings.SpeechFallback? {
    switch settings.provider {
    case .auto: configured.first ?? .espeak
    case .azure where settings.azure.key == nil || settings.azure.region == nil && settings.azure.baseURL == nil:
      throw NexyError.setting(
        "TTS_PROVIDER is azure, and it is not configured: set AZURE_SPEECH_KEY and AZURE_SPEECH_REGION.")
    case .openai where settings.openAI.baseURL == nil:
      throw NexyError.setting(
        "TTS_PROVIDER is openai, and no server is named: set OPENAI_SPEECH_BASE_URL or OPENAI_API_KEY.")
    case .azure: .azure
    case .openai: .openai
    case .espeak: .espeak
    case .tone: nil
    }
  }

  private func isConfigured(_ name: Settings.SpeechFallback, _ settings: Settings.Speech) -> Bool {
    switch name {
    case .azure: settings.azure.key != nil && (settings.azure.region != nil || settings.azure.baseURL != nil)
    case .openai: settings.openAI.isConfigured
    case .espeak: false
    }
  }

  private func plan(_ name: Settings.SpeechFallback, _ settings: Settings.Speech) throws -> Engine {
    switch name {
    case .azure: return .azure(try azure(settings.azure))
    case .openai:
      return .openAI(
        OpenAISynthesizer.Options(
          baseURL: settings.openAI.baseURL ?? "", key: settings.openAI.key, model: settings.openAI.model,
          voice: settings.openAI.voice, keySetting: settings.openAI.keySetting))
    case .espeak:
      try checkEspeak("ESPEAK_VOICE_EN", settings.espeakEnglishVoice, .english)
      try checkEspeak("ESPEAK_VOICE_RU", settings.espeakRussianVoice, .russian)
      return .espeak(
        EspeakSynthesizer.Options(
          binary: settings.espeakBinary, rate: settings.espeakRate, pitch: settings.espeakPitch,
          voices: [.english: settings.espeakEnglishVoice, .russian: settings.espeakRussianVoice]))
    }
  }

  private func checkEspeak(_ name: String, _ voice: String, _ language: Language) throws {
    guard !EspeakVoice.speaks(voice, language) else { return }
    throw NexyError.setting("\(name): read \"\(voice)\", allowed is one of \(EspeakVoice.names(for: language)).")
  }

  private func azure(_ settings: Settings.Azure) throws -> AzureSynthesizer.Options {
    let region = settings.region ?? ""
    guard settings.baseURL != nil || AzureSynthesizer.isRegion(region) else {
      throw NexyError.setting("AZURE_SPEECH_REGION: read \"\(region)\", allowed is an identifier such as westeurope.")
    }
    let prosody: [(AzureProsody.Attribute, String, String)] = [
      (.rate, "AZURE_SPEECH_RATE", settings.rate ?? ""), (.pitch, "AZURE_SPEECH_PITCH", settings.pitch ?? ""),
      (.volume, "AZURE_SPEECH_VOLUME", settings.volume ?? ""),
    ]
    for (attribute, name, value) in prosody {
      guard let allowed = AzureProsody.check(value, of: attribute) else { continue }
      throw NexyError.setting("\(name): read \"\(value)\", allowed is \(allowed).")
    }
    let voices: [Language: AzureVoice] = [
      .english: try azureVoice("AZURE_SPEECH_VOICE_EN", settings.englishVoice, .english),
      .russian: try azureVoice("AZURE_SPEECH_VOICE_RU", settings.russianVoice, .russian),
    ]
    let styles = Set(voices.values.flatMap(AzureStyle.styles)).sorted()
    if let style = settings.style, !styles.contains(style) {
      throw NexyError.setting(
        "AZURE_SPEECH_STYLE: read \"\(style)\", allowed with these voices is "
          + (styles.isEmpty ? "none." : "one of \(styles.joined(separator: ", "))."))
    }
    return AzureSynthesizer.Options(
      key: settings.key ?? "", region: region, baseURL: settings.baseURL, voices: voices, style: settings.style ?? "",
      prosody: AzureProsody(rate: prosody[0].2, pitch: prosody[1].2, volume: prosody[2].2))
  }

  private func azureVoice(_ name: String, _ text: String, _ language: Language) throws -> AzureVoice {
    if let voice = AzureVoice(text), voice.language == language { return voice }
    let example = AzureVoice.standard(for: language).name
    throw NexyError.setting("\(name): read \"\(text)\", allowed is a voice of that language, such as \(example).")
  }

  private func note(_ name: Settings.SpeechFallback, _ settings: Settings.Speech, _ hasEspeak: Bool) -> String {
    switch name {
    case .azure: "azure (\(settings.azure.englishVoice), \(settings.azure.russianVoice))"
    case .openai: "openai (\(settings.openAI.model), \(settings.openAI.voice))"
    case .espeak: hasEspeak ? "espeak (espeak-ng; English and Russian)" : "espeak (espeak-ng is missing)"
    }
  }
}
