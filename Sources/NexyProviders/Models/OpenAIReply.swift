import NexyCore
import NexyVoice

/// Reads a stream of chat completions: each event is one `chat.completion.chunk`, the last is `[DONE]`
/// (https://platform.openai.com/docs/api-reference/chat-streaming/streaming).
///
/// The model's thinking (`reasoning_content`, `reasoning`) is for nobody's ears and is not read.
struct OpenAIReply: ReplyFormat {
  private struct Chunk: Decodable {
    struct Choice: Decodable {
      var delta: Delta?
      var finish_reason: String?
    }
    struct Delta: Decodable {
      var content: String?
      /// What the model says instead of an answer; it is to be heard.
      var refusal: String?
      var tool_calls: [OpenAIToolCalls.Fragment]?
    }
    struct Usage: Decodable {
      var prompt_tokens: Int?
      var completion_tokens: Int?
    }
    var choices: [Choice]?
    var usage: Usage?
    var model: String?
    var error: JSONValue?
  }

  let model: String
  let faults: OpenAIFaults
  private(set) var fault: ProviderFault?
  private(set) var isWhole = false
  private var hasChoice = false
  private var hasText = false
  private var isOver = false
  private var toolCalls = OpenAIToolCalls()

  init(model: String, faults: OpenAIFaults) {
    self.model = model
    self.faults = faults
  }

  mutating func take(_ data: [UInt8]) -> [ModelDelta] {
    guard !isOver else { return [] }
    if data.elementsEqual("[DONE]".utf8) {
      isOver = true
      isWhole = hasChoice
      return []
    }
    guard let chunk = JSONBytes.decode(Chunk.self, from: data) else {
      fault = faults.malformed
      return []
    }
    if chunk.choices == nil || chunk.error != nil, let found = faults.fault(in: data) {
      fault = found
      return []
    }
    var deltas: [ModelDelta] = []
    if let choice = chunk.choices?.first {
      hasChoice = true
      deltas = [choice.delta?.content, choice.delta?.refusal].compactMap(\.self).filter { !$0.isEmpty }
        .map(ModelDelta.text)
      if !deltas.isEmpty { hasText = true }
      for fragment in choice.delta?.tool_calls ?? [] { toolCalls.take(fragment) }
      if let reason = choice.finish_reason {
        fault = faults.fault(ofFinish: reason)
        isWhole = fault == nil
      }
    }
    if let usage = chunk.usage {
      deltas.append(
        .usage(
          TokenUsage(
            inputTokens: usage.prompt_tokens ?? 0, outputTokens: usage.completion_tokens ?? 0,
            model: chunk.model ?? model)))
    }
    return deltas
  }

  mutating func end() -> [ModelDelta] {
    guard isWhole else {
      fault = hasChoice ? faults.cutOff : faults.empty
      return []
    }
    guard let calls = toolCalls.whole() else {
      fault = faults.malformedCall
      return []
    }
    if !hasText, calls.isEmpty { fault = faults.empty }
    return calls
  }

  func fault(in document: [UInt8]) -> ProviderFault? { faults.fault(in: document) }
}
