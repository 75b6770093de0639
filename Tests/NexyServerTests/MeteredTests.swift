import NexyCore
import NexyObservability
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyServer

@Suite("Every call is counted, and its cost kept") struct MeteredTests {
  private static let owner = TurnSlot.Owner(
    device: DeviceID("mac-1")!, session: SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!)

  @Test("a model's tokens are noted, whatever became of the call", arguments: [true, false])
  func model(fails: Bool) async {
    let ledger = NotedUsage()
    let model = FakeModel { _, emit in
      try await emit(.usage(TokenUsage(inputTokens: 1, outputTokens: 1, model: "flash")))
      try await emit(.text("Yes."))
      try await emit(.usage(TokenUsage(inputTokens: 120, outputTokens: 7, model: "flash-2")))
      if fails { throw NexyError(.modelFailed, "broken") }
    }
    let request = ModelRequest(
      prompt: "hello", device: Self.owner.device, session: Self.owner.session, purpose: .memory)
    try? await MeteredModel(model, metrics: ServerMetrics(), ledger: ledger).reply(to: request) { _ in }
    #expect(
      ledger.entries == [
        UsageEntry(
          hardwareID: "mac-1", sessionID: Self.owner.session.text, source: "memory", provider: "fake",
          model: "flash-2", inputTokens: 120, outputTokens: 7)
      ])
  }

  @Test("an engine's characters and sound are noted, in a turn and in a welcome", arguments: [owner, nil])
  func engine(owner: TurnSlot.Owner?) async throws {
    let ledger = NotedUsage()
    let engine = FakeSynthesizer(sampleRate: 1000) { _, emit in try await emit([Int16](repeating: 1, count: 500)) }
    try await MeteredSynthesizer(engine, metrics: ServerMetrics(), ledger: ledger)
      .speak(Utterance(text: "Привет, мир", language: .russian, owner: owner)) { _ in }
    #expect(
      ledger.entries == [
        UsageEntry(
          hardwareID: owner == nil ? "" : "mac-1", sessionID: owner?.session.text ?? "",
          source: owner == nil ? "welcome" : "turn", provider: "fake", model: "", characters: 11, audioSeconds: 0.5)
      ])
  }
}

/// A ledger that remembers.
private final class NotedUsage: UsageLedger {
  private let notes = Mutex<[UsageEntry]>([])

  var entries: [UsageEntry] { notes.withLock { $0 } }

  func record(_ entry: UsageEntry) async throws { note(entry) }
  func note(_ entry: UsageEntry) { notes.withLock { $0.append(entry) } }
}
