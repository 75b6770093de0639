import NexyVoice
import Synchronization

/// A model of a server that may or may not take tool calls: asks with them first, and in JSON from then on once the
/// server has refused a request with tools and taken the same one without.
///
/// Ollama, for one, refuses tools for models that were not made for them
/// (https://docs.ollama.com/capabilities/tool-calling).
package final class AdaptiveModel: LanguageModel {
  package let name: String
  package var chargedName: String { withTools.chargedName }
  private let withTools: any LanguageModel
  private let withJSON: any LanguageModel
  private let takesTools = Atomic(true)

  package init(_ make: (ReplyForm) -> any LanguageModel) {
    withTools = make(.tools)
    withJSON = make(.json)
    name = withTools.name
  }

  package func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    guard takesTools.load(ordering: .relaxed) else { return try await withJSON.reply(to: request, emit: emit) }
    let hasBegun = Atomic(false)
    do {
      try await withTools.reply(to: request) { delta in
        hasBegun.store(true, ordering: .relaxed)
        try await emit(delta)
      }
    } catch let fault as ProviderFault where fault.kind == .requestRefused && !request.commands.isEmpty {
      // Some servers refuse in the middle of an answer; what was begun is not begun anew.
      guard !hasBegun.load(ordering: .relaxed) else { throw fault }
      try await withJSON.reply(to: request, emit: emit)
      takesTools.store(false, ordering: .relaxed)
    }
  }
}
