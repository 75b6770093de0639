import AsyncHTTPClient
import NIOCore
import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

/// The language models that speak HTTP, each with the wire format of its provider.
enum ServedModel: String, CaseIterable, Sendable {
  case gemini, openai

  /// A model whose clock stands still, so that a slow machine cuts nothing short.
  func model(_ client: HTTPClient, _ url: String, clock: VirtualClock = VirtualClock()) -> any LanguageModel {
    switch self {
    case .gemini:
      GeminiModel(
        client: client, options: GeminiModel.Options(baseURL: "\(url)/v1beta", key: "k-1234"), clock: clock
      ) { _, _ in "Be brief." }
    case .openai:
      OpenAIModel(
        client: client, options: OpenAIModel.Options(model: "m", baseURL: "\(url)/v1", key: "k-1234"), clock: clock
      ) { _, _ in "Be brief." }
    }
  }

  /// One piece a delta, then the end.
  func pieces(_ deltas: [ModelDelta]) -> [[UInt8]] {
    let events: [JSONValue] =
      switch self {
      case .gemini: deltas.map(Self.geminiChunk) + [["candidates": [["finishReason": "STOP"]]]]
      case .openai: deltas.map(Self.openAIChunk) + [["choices": [["delta": [:], "finish_reason": "stop"]]]]
      }
    let texts = events.map { String(buffer: $0.jsonText()) } + (self == .openai ? ["[DONE]"] : [])
    return texts.map { Array("data: \($0)\n\n".utf8) }
  }

  private static func geminiChunk(_ delta: ModelDelta) -> JSONValue {
    switch delta {
    case .text(let text): ["candidates": [["content": ["parts": [["text": .string(text)]]]]]]
    case .toolCall(let name, let arguments):
      ["candidates": [["content": ["parts": [["functionCall": ["name": .string(name), "args": arguments]]]]]]]
    case .usage(let usage):
      [
        "modelVersion": .string(usage.model),
        "usageMetadata": [
          "promptTokenCount": .integer(Int64(usage.inputTokens)),
          "candidatesTokenCount": .integer(Int64(usage.outputTokens)),
        ],
      ]
    }
  }

  private static func openAIChunk(_ delta: ModelDelta) -> JSONValue {
    switch delta {
    case .text(let text): ["choices": [["delta": ["content": .string(text)]]]]
    case .toolCall(let name, let arguments):
      [
        "choices": [
          ["delta": ["tool_calls": [["index": 0, "function": ["name": .string(name), "arguments": arguments]]]]]
        ]
      ]
    case .usage(let usage):
      [
        "model": .string(usage.model), "choices": [],
        "usage": [
          "prompt_tokens": .integer(Int64(usage.inputTokens)), "completion_tokens": .integer(Int64(usage.outputTokens)),
        ],
      ]
    }
  }

  var stage: LanguageModelStage {
    LanguageModelStage(
      pieces: pieces,
      serve: { script, body in
        try await FakeUpstream.serve { _, answer in
          try await script(answer)
        } _: { fake, client in
          try await body(model(client, fake.url))
        }
      },
      faultKind: { ($0 as? ProviderFault)?.kind.rawValue })
  }
}
