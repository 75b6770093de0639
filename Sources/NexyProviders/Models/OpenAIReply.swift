import NexyCore
import NexyVoice

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the chunks of one chat completion.
struct OpenAIReply: ReplyReader {
  private let names: ProviderNames
  private let key: APIKey?
  private(set) var tokens = TokenCount()
  private var calls = OpenAIToolCalls()
  private var finishReason: String?
  private var isDone = false
  private var saidAnything = false

  init(names: ProviderNames, key: APIKey?) {
    self.names = names
    self.key = key
  }

  var isComplete: Bool { isDone || finishReason != nil }

  mutating func read(_ event: ServerSentEvents.Event) throws -> [ModelDelta] {
    if event.data.elementsEqual("[DONE]".utf8) {
      isDone = true
      return try takeCalls()
    }
    guard let chunk = try? JSONDecoder().decode(OpenAIChunk.self, from: Data(event.data)) else {
      throw fault(.badAnswer, "unreadable chunk")
    }
    if let error = chunk.error, error != .null { throw ProviderFault(inStream: error, of: names, key: key) }
    if let usage = chunk.usage {
      tokens = TokenCount(input: usage.promptTokens, output: usage.completionTokens)
    }
    guard let choice = chunk.choices?.first else { return [] }
    var deltas: [ModelDelta] = []
    for text in [choice.delta?.content, choice.delta?.refusal].compactMap(\.self) where !text.isEmpty {
      deltas.append(.text(text))
    }
    do {
      for fragment in choice.delta?.toolCalls ?? [] { try calls.add(fragment) }
    } catch {
      throw fault(.badAnswer, error.word)
    }
    if let reason = choice.finishReason, finishReason == nil {
      finishReason = reason
      // What was filtered away is told at the end, after what came before it.
      if reason != "content_filter" { deltas += try takeCalls() }
    }
    if !deltas.isEmpty { saidAnything = true }
    return deltas
  }

  func end() throws {
    switch finishReason {
    case "content_filter": throw fault(.blocked, "content_filter")
    case "length" where !saidAnything: throw fault(.lengthReached, "length")
    default:
      guard isComplete else { throw fault(.cutOff, "no finish_reason") }
      guard saidAnything else { throw fault(.empty, finishReason == nil ? "no finish_reason" : "no content") }
    }
  }

  private mutating func takeCalls() throws -> [ModelDelta] {
    do {
      let deltas = try calls.taken()
      if !deltas.isEmpty { saidAnything = true }
      return deltas
    } catch {
      // A call that the limit of tokens cut is no call.
      if finishReason == "length" { return [] }
      throw fault(.badAnswer, error.word)
    }
  }

  private func fault(_ kind: ProviderFault.Kind, _ word: String) -> ProviderFault {
    ProviderFault(kind, of: names, key: key, words: [word])
  }
}
