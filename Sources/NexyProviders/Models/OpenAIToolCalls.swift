import NexyCore
import NexyVoice

/// Tool calls that arrive in fragments: the name in the first one, then the text of the arguments piece by piece.
struct OpenAIToolCalls: Sendable {
  struct Fragment: Decodable {
    struct Function: Decodable {
      var name: String?
      /// JSON as text; a few servers send the object itself.
      var arguments: JSONValue?
    }
    /// Which call it belongs to.
    var index: Int?
    var id: String?
    var function: Function?
  }

  private struct Call {
    var index: Int?
    var id: String?
    var name = ""
    var text = ""
    var object: JSONValue?

    var hasArguments: Bool { !text.isEmpty || object != nil }
  }

  private var calls: [Call] = []

  mutating func take(_ fragment: Fragment) {
    let id = fragment.id.flatMap { $0.isEmpty ? nil : $0 }
    var position = calls.lastIndex { $0.index == fragment.index } ?? calls.endIndex
    // Servers that give every call the same index tell them apart by their identifiers.
    if position < calls.endIndex, let id, let known = calls[position].id, known != id { position = calls.endIndex }
    // And servers that give no identifiers either begin each call with its name.
    if position < calls.endIndex, id == nil, fragment.function?.name?.isEmpty == false, calls[position].hasArguments {
      position = calls.endIndex
    }
    // A fragment without an index goes on with the last call.
    if fragment.index == nil, id == nil, fragment.function?.name == nil, !calls.isEmpty {
      position = calls.endIndex - 1
    }
    if position == calls.endIndex { calls.append(Call(index: fragment.index)) }
    calls[position].id = calls[position].id ?? id
    calls[position].name += fragment.function?.name ?? ""
    switch fragment.function?.arguments {
    case .string(let text): calls[position].text += text
    case .object(let members): calls[position].object = .object(members)
    default: break
    }
  }

  /// The calls in their order; nil when one has no name or its arguments are no JSON object.
  func whole() -> [ModelDelta]? {
    var deltas: [ModelDelta] = []
    for call in calls {
      let text = call.text.trimmed.isEmpty ? "{}" : call.text
      guard !call.name.isEmpty,
        let arguments = call.object ?? JSONBytes.decode(JSONValue.self, from: Array(text.utf8)),
        arguments.object != nil
      else { return nil }
      deltas.append(.toolCall(name: call.name, arguments: arguments))
    }
    return deltas
  }
}
