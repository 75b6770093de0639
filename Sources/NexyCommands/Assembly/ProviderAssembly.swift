import Foundation
import NexyConfig
import NexyCore
import NexyProviders
import NexyVoice

/// Turns settings into the providers that fill a turn's ports, and says which they are.
enum ProviderAssembly {
  struct Chosen {
    var model: any LanguageModel
    var synthesizer: any SpeechSynthesizer
    /// One line each for the operator.
    var modelNote: String
    var speechNote: String
    /// Whether the speech engine was found on this machine.
    var canSpeak = true
    /// What will not work, with the remedy.
    var warnings: [String]
  }

  static func choose(_ settings: Settings, environment: [String: String]) throws -> Chosen {
    let (model, modelNote) = try model(settings.model)
    var chosen = Chosen(
      model: model, synthesizer: ToneSynthesizer(), modelNote: modelNote, speechNote: "tone (a sine, not speech)",
      warnings: [])
    if settings.speech.provider != .tone {
      try checkVoice("ESPEAK_VOICE_EN", settings.speech.espeakEnglishVoice, .english)
      try checkVoice("ESPEAK_VOICE_RU", settings.speech.espeakRussianVoice, .russian)
      chosen.synthesizer = EspeakSynthesizer(options: options(settings.speech))
      chosen.speechNote = "espeak (espeak-ng; English and Russian)"
      if Executable.find(settings.speech.espeakBinary, environment: environment) == nil {
        chosen.speechNote = "espeak (espeak-ng is missing)"
        chosen.canSpeak = false
        chosen.warnings.append(
          "espeak-ng was not found, so turns cannot be spoken: install it (apt-get install espeak-ng, "
            + "brew install espeak-ng), or set ESPEAK_BINARY to its path, or TTS_PROVIDER=tone.")
      }
    }
    return chosen
  }

  private static func model(_ settings: Settings.Model) throws -> (any LanguageModel, String) {
    switch settings.provider {
    case .auto: return (OfflineAssistant(), "offline (no language model is configured)")
    case .offline: return (OfflineAssistant(), "offline")
    case .scripted:
      guard let path = settings.script else {
        return (ScriptedModel(script: ScriptedModel.demonstration), "scripted (the built-in demonstration)")
      }
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw NexyError(.badScript, "LLM_SCRIPT names \(path), which cannot be read; correct the path.")
      }
      return (ScriptedModel(script: try Script(yaml: text, name: path)), "scripted")
    }
  }

  private static func checkVoice(_ name: String, _ voice: String, _ language: Language) throws {
    guard !EspeakVoice.speaks(voice, language) else { return }
    throw NexyError(
      .badSettings, "\(name): read \"\(voice)\", allowed is one of \(EspeakVoice.names(for: language)).")
  }

  private static func options(_ settings: Settings.Speech) -> EspeakSynthesizer.Options {
    EspeakSynthesizer.Options(
      binary: settings.espeakBinary, rate: settings.espeakRate, pitch: settings.espeakPitch,
      voices: [.english: settings.espeakEnglishVoice, .russian: settings.espeakRussianVoice])
  }
}

/// Programs on this machine.
enum Executable {
  /// The path of a program by its name on PATH, or by its path; nil when it is not there.
  static func find(_ name: String, environment: [String: String]) -> String? {
    let candidates =
      name.contains("/") ? [name] : (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
