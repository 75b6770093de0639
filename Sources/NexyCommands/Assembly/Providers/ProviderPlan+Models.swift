import Foundation
import NexyConfig
import NexyCore
import NexyProviders

extension ProviderPlan {
  mutating func planModels(_ settings: Settings.Model) throws {
    let chosen = try choose(settings)
    var names: [Settings.ModelFallback] = []
    switch chosen {
    case .gemini: names = [.gemini]
    case .openai: names = [.openai]
    case .offline, .auto: names = [.offline]
    case .scripted: models.append(.scripted(try script(settings)))
    }
    // What is deterministic stays so, unless somebody asks for more.
    let standsAlone = chosen == .offline || chosen == .scripted
    for name in settings.fallback ?? (standsAlone ? [] : [.offline]) where !names.contains(name) {
      if isConfigured(name, settings) {
        names.append(name)
      } else {
        warnings.append("LLM_FALLBACK names \(name.rawValue), which is not configured: set its key, or take it out.")
      }
    }
    for name in names { models += try plan(name, settings) }
    modelNote = (chosen == .scripted ? [scriptNote(settings)] : []).appending(try names.map { try note($0, settings) })
    if settings.provider == .auto, chosen == .offline { modelNote = "offline (no language model is configured)" }
  }

  /// - Throws: `NexyError` where a provider is asked for that cannot be called.
  private func choose(_ settings: Settings.Model) throws -> Settings.ModelChoice {
    switch settings.provider {
    case .auto: isConfigured(.gemini, settings) ? .gemini : isConfigured(.openai, settings) ? .openai : .offline
    case .gemini where !isConfigured(.gemini, settings):
      throw NexyError.setting("LLM_PROVIDER is gemini, and there is no key for it: set GEMINI_API_KEY.")
    case .openai where !isConfigured(.openai, settings):
      throw NexyError.setting(
        "LLM_PROVIDER is openai, and no server is named: set OPENAI_API_KEY, or OPENAI_BASE_URL of a server of your own."
      )
    default: settings.provider
    }
  }

  private func isConfigured(_ name: Settings.ModelFallback, _ settings: Settings.Model) -> Bool {
    switch name {
    case .gemini: settings.gemini.key != nil || settings.gemini.fallbackKey != nil
    case .openai: settings.openAI.baseURL != nil
    case .offline: true
    }
  }

  private func plan(_ name: Settings.ModelFallback, _ settings: Settings.Model) throws -> [Model] {
    switch name {
    case .gemini:
      let form = try geminiForm(settings)
      let keys = [
        (settings.gemini.key, "GEMINI_API_KEY"), (settings.gemini.fallbackKey, "GEMINI_FALLBACK_API_KEY"),
      ]
      return keys.compactMap { key, setting in
        key.map { key in
          .gemini(
            GeminiModel.Options(
              model: settings.gemini.model, baseURL: settings.gemini.baseURL, key: key, keySetting: setting,
              temperature: settings.temperature, maxTokens: settings.maxTokens, replyForm: form,
              searches: settings.tools.contains(.googleSearch)), adapts: settings.reply == .auto && form == .tools)
        }
      }
    case .openai:
      guard let baseURL = settings.openAI.baseURL else { return [] }
      let options = OpenAIModel.Options(
        model: settings.openAI.model, baseURL: baseURL, key: settings.openAI.key, temperature: settings.temperature,
        maxTokens: settings.maxTokens, replyForm: settings.reply == .json ? .json : .tools)
      return [.openAI(options, adapts: settings.reply == .auto)]
    case .offline: return [.offline]
    }
  }

  /// Gemini refuses a request with search and functions in it ("Tool use with function calling is unsupported",
  /// https://ai.google.dev/gemini-api/docs/function-calling), so that one of them has to give way.
  private func geminiForm(_ settings: Settings.Model) throws -> ReplyForm {
    let searches = settings.tools.contains(.googleSearch)
    switch settings.reply {
    case .auto: return searches ? .json : .tools
    case .json: return .json
    case .tools:
      guard !searches else {
        throw NexyError.setting(
          "LLM_REPLY=tools and TEXT_PROCESSING_TOOLS=google_search cannot both be had of Gemini: "
            + "set LLM_REPLY to auto or json, or TEXT_PROCESSING_TOOLS to none.")
      }
      return .tools
    }
  }

  private func script(_ settings: Settings.Model) throws -> Script {
    guard let path = settings.script else { return ScriptedModel.demonstration }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw NexyError(.badScript, "LLM_SCRIPT names \(path), which cannot be read; correct the path.")
    }
    return try Script(yaml: text, name: path)
  }

  private func scriptNote(_ settings: Settings.Model) -> String {
    settings.script == nil ? "scripted (the built-in demonstration)" : "scripted"
  }

  private func note(_ name: Settings.ModelFallback, _ settings: Settings.Model) throws -> String {
    switch name {
    case .gemini:
      let keys = settings.gemini.key != nil && settings.gemini.fallbackKey != nil ? ", two keys" : ""
      let form = try geminiForm(settings) == .json ? "commands in JSON" : "commands as tool calls"
      return "gemini (\(settings.gemini.model), \(form)\(keys))"
    case .openai: return "openai (\(settings.openAI.model))"
    case .offline: return "offline"
    }
  }
}

extension [String] {
  /// The providers in their order, as an operator reads them.
  fileprivate func appending(_ others: [String]) -> String { (self + others).joined(separator: ", then ") }
}
