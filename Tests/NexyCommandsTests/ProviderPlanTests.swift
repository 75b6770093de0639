import Foundation
import NexyConfig
import NexyCore
import Testing

@testable import NexyCommands

/// Settings on the left, whom the server calls on the right.
@Suite("Settings make a plan of providers") struct ProviderPlanTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var settings: [String: String]
    var model = "offline (no language model is configured)"
    var speech = "espeak (espeak-ng; English and Russian)"
    /// Words of the warnings, in their order.
    var warnings: [String] = []
    var testDescription: String { settings.keys.sorted().map { "\($0)=\(settings[$0]!)" }.joined(separator: " ") }
  }

  private static let gemini = ["GEMINI_API_KEY": "AIzaSyA-0123456789abcdefghij"]
  private static let azure = ["AZURE_SPEECH_KEY": "0123456789abcdef", "AZURE_SPEECH_REGION": "westeurope"]
  private static let geminiNote = "gemini (gemini-flash-lite-latest, commands in JSON)"
  private static let azureNote = "azure (en-US-AriaNeural, ru-RU-SvetlanaNeural)"
  private static let espeakNote = "espeak (espeak-ng; English and Russian)"

  static let cases: [Case] = [
    Case(settings: [:]),
    Case(settings: gemini, model: "\(geminiNote), then offline"),
    Case(
      settings: gemini.adding(["GEMINI_FALLBACK_API_KEY": "AIzaSyB-0123456789abcdefghij"]),
      model: "gemini (gemini-flash-lite-latest, commands in JSON, two keys), then offline"),
    Case(
      settings: gemini.adding(["TEXT_PROCESSING_TOOLS": "none"]),
      model: "gemini (gemini-flash-lite-latest, commands as tool calls), then offline"),
    Case(
      settings: gemini.adding(["TEXT_PROCESSING_TOOLS": "none", "LLM_REPLY": "json"]),
      model: "\(geminiNote), then offline"),
    Case(
      settings: gemini.adding(["LLM_REPLY": "tools", "TEXT_PROCESSING_TOOLS": "none", "LLM_FALLBACK": "none"]),
      model: "gemini (gemini-flash-lite-latest, commands as tool calls)"),
    Case(
      settings: ["OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/", "OPENAI_MODEL": "llama3.2"],
      model: "openai (llama3.2), then offline"),
    Case(
      settings: ["OPENAI_API_KEY": "sk-0123456789abcdef"], model: "openai (gpt-4o-mini), then offline",
      speech: "openai (gpt-4o-mini-tts, alloy), then \(espeakNote)"),
    Case(
      settings: gemini.adding(["OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "LLM_FALLBACK": "openai,offline"]),
      model: "\(geminiNote), then openai (gpt-4o-mini), then offline"),
    Case(
      settings: gemini.adding(["LLM_PROVIDER": "openai", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"]),
      model: "openai (gpt-4o-mini), then offline"),
    Case(settings: gemini.adding(["LLM_PROVIDER": "offline"]), model: "offline"),
    Case(
      settings: gemini.adding(["LLM_PROVIDER": "offline", "LLM_FALLBACK": "gemini"]),
      model: "offline, then \(geminiNote)"),
    Case(settings: gemini.adding(["LLM_PROVIDER": "scripted"]), model: "scripted (the built-in demonstration)"),
    Case(
      settings: gemini.adding(["LLM_FALLBACK": "openai"]), model: geminiNote,
      warnings: ["LLM_FALLBACK names openai"]),
    Case(settings: ["GEMINI_API_KEY": "your_api_key_here"], warnings: ["GEMINI_API_KEY holds a placeholder"]),
    Case(settings: azure, speech: "\(azureNote), then \(espeakNote)"),
    Case(settings: azure.adding(["TTS_FALLBACK": "none"]), speech: azureNote),
    Case(settings: azure.adding(["TTS_PROVIDER": "tone"]), speech: "tone (a sine, not speech)"),
    Case(settings: ["AZURE_SPEECH_KEY": "0123456789abcdef"], warnings: ["AZURE_SPEECH_KEY is set"]),
    Case(
      settings: azure.adding(["AZURE_SPEECH_VOICE": "ru-RU-DmitryNeural", "AZURE_SPEECH_VOLUME": "1.0"]),
      speech: "azure (en-US-AriaNeural, ru-RU-DmitryNeural), then \(espeakNote)"),
    Case(
      settings: gemini.adding(["WEB_SEARCH_ENABLED": "false"]),
      model: "gemini (gemini-flash-lite-latest, commands as tool calls), then offline"),
    Case(
      settings: azure.adding(["OPENAI_SPEECH_BASE_URL": "http://127.0.0.1:8880/v1", "OPENAI_SPEECH_VOICE": "af_sky"]),
      speech: "\(azureNote), then openai (gpt-4o-mini-tts, af_sky), then \(espeakNote)"),
    Case(
      settings: ["ESPEAK_BINARY": "/nowhere/espeak-ng"], speech: "espeak (espeak-ng is missing)",
      warnings: ["espeak-ng was not found"]),
  ]

  @Test("what is configured is called in its order", arguments: cases)
  func plan(testCase: Case) throws {
    let plan = try Self.plan(testCase.settings)
    #expect(plan.modelNote == testCase.model)
    #expect(plan.speechNote == testCase.speech)
    #expect(plan.warnings.count == testCase.warnings.count)
    for (warning, words) in zip(plan.warnings, testCase.warnings) { #expect(warning.hasPrefix(words)) }
  }

  static let refusals: [(settings: [String: String], words: [String])] = [
    (["LLM_PROVIDER": "gemini"], ["LLM_PROVIDER", "GEMINI_API_KEY"]),
    (["LLM_PROVIDER": "openai"], ["LLM_PROVIDER", "OPENAI_API_KEY", "OPENAI_BASE_URL"]),
    (["TTS_PROVIDER": "azure"], ["TTS_PROVIDER", "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"]),
    (["TTS_PROVIDER": "openai"], ["TTS_PROVIDER", "OPENAI_SPEECH_BASE_URL"]),
    (gemini.adding(["LLM_REPLY": "tools"]), ["LLM_REPLY", "TEXT_PROCESSING_TOOLS", "none"]),
    (gemini.adding(["LLM_REPLY": "tools", "LLM_FALLBACK": "none"]), ["LLM_REPLY"]),
    (azure.adding(["AZURE_SPEECH_REGION": "West Europe"]), ["AZURE_SPEECH_REGION", "westeurope"]),
    (azure.adding(["AZURE_SPEECH_RATE": "very fast"]), ["AZURE_SPEECH_RATE", "very fast"]),
    (azure.adding(["AZURE_SPEECH_VOICE_RU": "en-US-AriaNeural"]), ["AZURE_SPEECH_VOICE_RU", "ru-RU-"]),
    (azure.adding(["AZURE_SPEECH_STYLE": "chearful"]), ["AZURE_SPEECH_STYLE", "chearful", "cheerful"]),
    (["ESPEAK_VOICE_EN": "ru"], ["ESPEAK_VOICE_EN", "en-us"]),
    (["USAGE_PRICES": "gemini"], ["USAGE_PRICES"]),
    (["ASSISTANT_PROMPT": "/nowhere/prompt.md"], ["/nowhere/prompt.md", "ASSISTANT_PROMPT"]),
  ]

  @Test("what cannot work is refused with the remedy", arguments: refusals)
  func refused(settings: [String: String], words: [String]) throws {
    let error = try #require(throws: NexyError.self) { try Self.plan(settings) }
    for word in words { #expect(error.message.contains(word), "\(error.message)") }
  }

  @Test("the built-in prompt names only flags that there are")
  func prompt() throws { _ = try Self.plan([:]) }

  /// The plan of these settings on a machine with espeak-ng.
  private static func plan(_ settings: [String: String]) throws -> ProviderPlan {
    // Any program stands for the engine: nothing is called.
    var environment = settings
    if environment["ESPEAK_BINARY"] == nil { environment["ESPEAK_BINARY"] = "/bin/sh" }
    let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-no-settings").path
    return try ProviderPlan(
      Settings(SettingsSources.load(environment: environment, folder: folder)), environment: environment)
  }
}

extension [String: String] {
  fileprivate func adding(_ others: [String: String]) -> Self { merging(others) { $1 } }
}
