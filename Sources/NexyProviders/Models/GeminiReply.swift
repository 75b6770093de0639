import NexyCore
import NexyVoice

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the chunks of one Gemini reply.
struct GeminiReply: ReplyReader {
  private let names: ProviderNames
  private let key: APIKey?
  private(set) var tokens = TokenCount()
  private var finishReason: String?
  private var saidAnything = false

  init(names: ProviderNames, key: APIKey?) {
    self.names = names
    self.key = key
  }

  var isComplete: Bool { finishReason != nil }

  mutating func read(_ event: ServerSentEvents.Event) throws -> [ModelDelta] {
    guard let chunk = try? JSONDecoder().decode(GeminiChunk.self, from: Data(event.data)) else {
      throw fault(.badAnswer, "unreadable chunk")
    }
    if let error = chunk.error, error != .null { throw ProviderFault(inStream: error, of: names, key: key) }
    if let usage = chunk.usageMetadata?.tokens {
      tokens.input = usage.input ?? tokens.input
      tokens.output = usage.output ?? tokens.output
    }
    if let reason = chunk.promptFeedback?.blockReason { throw fault(.blocked, "blockReason \(reason)") }
    guard let candidate = chunk.candidates?.first else { return [] }
    let deltas = try (candidate.content?.parts ?? []).compactMap(delta)
    if !deltas.isEmpty { saidAnything = true }
    finishReason = finishReason ?? candidate.finishReason
    return deltas
  }

  /// https://ai.google.dev/api/generate-content#FinishReason
  func end() throws {
    switch finishReason {
    case nil: throw saidAnything ? fault(.cutOff, "no finishReason") : fault(.empty, "no finishReason")
    case "STOP":
      guard saidAnything else { throw fault(.empty, "no parts") }
    case "MAX_TOKENS":
      guard saidAnything else { throw fault(.lengthReached, "MAX_TOKENS") }
    case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY":
      throw fault(.blocked, finishReason!)
    // OTHER, MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL and what is not known yet.
    default: throw fault(.badAnswer, "finishReason \(finishReason!.prefix(64))")
    }
  }

  private func delta(of part: GeminiChunk.Part) throws -> ModelDelta? {
    if part.thought == true { return nil }
    if let call = part.functionCall {
      guard let name = call.name, !name.isEmpty else { throw fault(.badAnswer, "function call without a name") }
      return .toolCall(name: name, arguments: call.args ?? [:])
    }
    return part.text.flatMap { $0.isEmpty ? nil : .text($0) }
  }

  private func fault(_ kind: ProviderFault.Kind, _ word: String) -> ProviderFault {
    ProviderFault(kind, of: names, key: key, words: [word])
  }
}
