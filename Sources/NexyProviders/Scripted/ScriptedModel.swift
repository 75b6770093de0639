import NexyCore
import NexyVoice

/// A language model that replays a script: for demonstrations, tests and benchmarks, on any machine, without a key.
package struct ScriptedModel: LanguageModel {
  package let name = "scripted"
  private let script: Script
  private let clock: any Clock<Duration>

  package init(script: Script, clock: any Clock<Duration> = SharedClock()) {
    self.script = script
    self.clock = clock
  }

  /// What is played where no script is named: five sentences, so that a turn has something to say.
  package static let demonstration = Script(replies: [
    Script.Reply(
      when: "open",
      deltas: [
        .init(text: "Opening Safari."), .init(tool: "open_app", arguments: ["app_name": "Safari"]),
      ]),
    Script.Reply(deltas: [
      .init(text: "This answer comes from a script. "), .init(text: "No language model was asked. "),
      .init(text: "Every sentence is spoken as it comes. "), .init(text: "The tone follows its length. "),
      .init(text: "That is all there is to hear."),
    ]),
  ])

  package func reply(to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void) async throws
  {
    let prompt = request.prompt.lowercased()
    guard let reply = script.replies.first(where: { $0.when.map { prompt.contains($0.lowercased()) } ?? true }) else {
      throw NexyError(.modelFailed, "The script has no reply for this prompt.")
    }
    let faultPlace = reply.fault.map { min($0.after ?? reply.deltas.count, reply.deltas.count) }
    for (index, delta) in reply.deltas.enumerated() {
      if index == faultPlace, try await !play(reply.fault!, after: reply.deltas[..<index], emit) { return }
      let delay = delta.delayMilliseconds ?? reply.delayMilliseconds ?? 0
      if delay > 0 { try await clock.sleep(for: .milliseconds(delay)) }
      try await emit(Self.modelDelta(delta))
    }
    if faultPlace == reply.deltas.count { _ = try await play(reply.fault!, after: reply.deltas[...], emit) }
  }

  private static func modelDelta(_ delta: Script.Delta) -> ModelDelta {
    if let tool = delta.tool { return .toolCall(name: tool, arguments: delta.arguments ?? [:]) }
    return .text(delta.text ?? "")
  }

  /// Returns whether the reply goes on after the fault.
  private func play(
    _ fault: Script.Fault, after played: ArraySlice<Script.Delta>,
    _ emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws -> Bool {
    switch fault.kind {
    case .error:
      throw NexyError(.modelFailed, "The language model failed. Please try again.", detail: "scripted fault")
    case .stall:
      try await clock.sleep(for: fault.forMilliseconds.map { .milliseconds($0) } ?? .seconds(86_400))
      return fault.forMilliseconds != nil
    case .malformed:
      // What breaks a reply depends on what was begun.
      let begun = played.compactMap(\.text).joined().drop(while: \.isWhitespace)
      try await emit(.text(begun.first == "{" || begun.first == "`" ? "\", , unquoted ]" : "{\"text\": unquoted,,"))
      return false
    case .empty:
      return false
    }
  }
}
