import Foundation
import NexyConfig
import NexyCore
import NexyProviders

/// Which providers the settings ask for, checked and in the order they are called; nothing is reached yet.
struct ProviderPlan: Sendable {
  enum Model: Sendable {
    /// `adapts` where the form of replies is left to what the server takes.
    case gemini(GeminiModel.Options, adapts: Bool)
    case openAI(OpenAIModel.Options, adapts: Bool)
    case offline
    case scripted(Script)

    /// Whose server is called; nil for what answers in this process.
    var vendor: String? {
      switch self {
      case .gemini: "gemini"
      case .openAI: "openai"
      case .offline, .scripted: nil
      }
    }
  }

  enum Engine: Sendable {
    case azure(AzureSynthesizer.Options)
    case openAI(OpenAISynthesizer.Options)
    case espeak(EspeakSynthesizer.Options)
    case tone

    /// Whose server is called; nil for what speaks on this machine.
    var vendor: String? {
      switch self {
      case .azure: "azure"
      case .openAI: "openai"
      case .espeak, .tone: nil
      }
    }
  }

  /// Read where it is there, as `config/nexy.yaml` is; a server without its folder has the same text built in.
  private static let promptFile = "config/assistant.md"

  var models: [Model] = []
  var engines: [Engine] = []
  var prompt: AssistantPrompt
  /// One line each for the operator.
  var modelNote = ""
  var speechNote = ""
  /// Whether an engine is there that can speak, as far as can be told without asking it.
  var canSpeak = true
  /// What will not work, with the remedy.
  var warnings: [String]

  /// - Throws: `NexyError` for what cannot work, with the remedy.
  init(_ settings: Settings, environment: [String: String]) throws {
    let flags = Set(FeatureFlag.all.filter { $0.kind == .feature }.map(\.key))
    let file =
      settings.model.prompt ?? (FileManager.default.fileExists(atPath: Self.promptFile) ? Self.promptFile : nil)
    prompt = try file.map { try AssistantPrompt(file: $0, flags: flags) } ?? .builtIn(flags: flags)
    warnings = settings.warnings
    _ = try PriceTable(settings.usagePrices)
    try planModels(settings.model)
    try planEngines(settings.speech, environment: environment)
  }
}

extension NexyError {
  /// A setting that cannot work beside the others.
  static func setting(_ problem: String) -> NexyError { NexyError(.badSettings, problem) }
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
