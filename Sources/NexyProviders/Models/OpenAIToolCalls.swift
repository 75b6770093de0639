import NexyCore
import NexyVoice

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tool calls as they come: a name first, then their arguments in fragments of JSON, told apart by an index.
struct OpenAIToolCalls: Sendable {
  /// A call cannot be read, or is longer than anything sensible.
  struct Unreadable: Error {
    let word: String
  }

  private struct Call {
    var index: Int?
    var id: String
    var name = ""
    var arguments = ""
  }

  /// Bytes of the arguments of all calls of a reply.
  private static let limit = 64 << 10

  private var calls: [Call] = []
  private var bytes = 0

  mutating func add(_ fragment: OpenAIChunk.ToolCall) throws(Unreadable) {
    let place = place(of: fragment)
    calls[place].name += fragment.function?.name ?? ""
    calls[place].arguments += fragment.function?.arguments ?? ""
    bytes += (fragment.function?.name ?? "").utf8.count + (fragment.function?.arguments ?? "").utf8.count
    guard bytes <= Self.limit, calls.count <= 64 else { throw Unreadable(word: "endless tool call") }
  }

  /// Some servers number every call 0 or none at all; then a new identifier tells a new call.
  private mutating func place(of fragment: OpenAIChunk.ToolCall) -> Int {
    let id = fragment.id ?? ""
    let last = calls.lastIndex { fragment.index == nil || $0.index == fragment.index }
    if let last, id.isEmpty || calls[last].id == id { return last }
    calls.append(Call(index: fragment.index, id: id))
    return calls.count - 1
  }

  /// Whole calls, in the order in which they began.
  mutating func taken() throws(Unreadable) -> [ModelDelta] {
    defer { calls = [] }
    var deltas: [ModelDelta] = []
    for call in calls {
      guard !call.name.isEmpty else { throw Unreadable(word: "tool call without a name") }
      deltas.append(.toolCall(name: call.name, arguments: try Self.arguments(call.arguments)))
    }
    return deltas
  }

  private static func arguments(_ json: String) throws(Unreadable) -> JSONValue {
    if json.trimmed.isEmpty { return [:] }
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)) else {
      throw Unreadable(word: "tool call without JSON arguments")
    }
    return value
  }
}
