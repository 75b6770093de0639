import NexyCore
import NexyVoice

/// Reads Gemini's stream: each event is one `GenerateContentResponse`
/// (https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse).
struct GeminiReply: ReplyFormat {
  private struct Chunk: Decodable {
    struct Candidate: Decodable {
      var content: Content?
      var finishReason: String?
    }
    struct Content: Decodable { var parts: [Part]? }
    struct Part: Decodable {
      var text: String?
      /// The model's own thinking, which is for nobody's ears.
      var thought: Bool?
      var functionCall: FunctionCall?
    }
    struct FunctionCall: Decodable {
      var name: String
      var args: [String: JSONValue]?
    }
    struct Feedback: Decodable { var blockReason: String? }
    struct Usage: Decodable {
      var promptTokenCount: Int?
      var toolUsePromptTokenCount: Int?
      var candidatesTokenCount: Int?
      var thoughtsTokenCount: Int?
    }
    var candidates: [Candidate]?
    var promptFeedback: Feedback?
    var usageMetadata: Usage?
    var modelVersion: String?
    var error: JSONValue?
  }

  let model: String
  let faults: GeminiFaults
  private(set) var fault: ProviderFault?
  private(set) var isWhole = false
  private var hasCandidate = false
  private var hasContent = false
  private var lastUsage: TokenUsage?

  init(model: String, faults: GeminiFaults) {
    self.model = model
    self.faults = faults
  }

  mutating func take(_ data: [UInt8]) -> [ModelDelta] {
    guard let chunk = JSONBytes.decode(Chunk.self, from: data) else {
      fault = faults.malformed
      return []
    }
    if chunk.error != nil {
      fault = faults.fault(in: data)
      return []
    }
    var deltas: [ModelDelta] = []
    if let candidate = chunk.candidates?.first {
      hasCandidate = true
      deltas = candidate.content?.parts?.compactMap(Self.delta) ?? []
      if !deltas.isEmpty { hasContent = true }
      if let reason = candidate.finishReason {
        fault = faults.fault(ofFinish: reason)
        isWhole = fault == nil
      }
    }
    if chunk.promptFeedback?.blockReason != nil { fault = faults.blockedPrompt }
    if let usage = chunk.usageMetadata.map({ Self.usage($0, chunk.modelVersion ?? model) }), usage != lastUsage {
      lastUsage = usage
      deltas.append(.usage(usage))
    }
    return deltas
  }

  mutating func end() -> [ModelDelta] {
    if isWhole ? !hasContent : !hasCandidate {
      fault = faults.empty
    } else if !isWhole {
      fault = faults.cutOff
    }
    return []
  }

  func fault(in document: [UInt8]) -> ProviderFault? { faults.fault(in: document) }

  private static func delta(of part: Chunk.Part) -> ModelDelta? {
    if let call = part.functionCall { return .toolCall(name: call.name, arguments: .object(call.args ?? [:])) }
    guard part.thought != true, let text = part.text, !text.isEmpty else { return nil }
    return .text(text)
  }

  /// What search put into the prompt is input, and what the model thought is output: so they are billed.
  private static func usage(_ usage: Chunk.Usage, _ model: String) -> TokenUsage {
    TokenUsage(
      inputTokens: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
      outputTokens: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0), model: model)
  }
}
