import Foundation
import NexyCore
import NexyTestSupport
import Synchronization
import Testing

@testable import NexyVoice

@Suite struct WelcomeTests {
  private func events(
    _ request: Welcome.Request, _ engine: FakeSynthesizer
  ) async throws -> (metadata: [Duration?], samples: Int, audioBeforeMetadata: Bool) {
    let log = Mutex((metadata: [Duration?](), samples: 0, early: false, terminals: 0))
    let failure = await Welcome(synthesizer: engine, rules: Turn.Rules(), clock: VirtualClock())
      .run(request, interruption: Interruption()) { event in
        log.withLock { log in
          switch event {
          case .metadata(_, let duration): log.metadata.append(duration)
          case .audio(let chunks):
            log.early = log.early || log.metadata.isEmpty
            log.samples += chunks.sampleCount
          case .finished, .failed: log.terminals += 1
          }
        }
      }
    #expect(log.withLock { $0.terminals } == 1)
    if let failure { throw failure }
    return log.withLock { ($0.metadata, $0.samples, $0.early) }
  }

  @Test func `metadata comes once and first, with the true duration`() async throws {
    let engine = FakeSynthesizer { _, emit in try await emit([Int16](repeating: 9, count: 24_000)) }
    let events = try await events(.init(text: "Hello there, my friend. How are you today?"), engine)
    #expect(events.metadata == [.seconds(1)])
    #expect(events.samples == 48_000)
    #expect(!events.audioBeforeMetadata)
  }

  @Test func `what is too long to gather streams without a duration`() async throws {
    let engine = FakeSynthesizer { _, emit in
      for _ in 0..<40 { try await emit([Int16](repeating: 9, count: 48_000)) }
    }
    let events = try await events(.init(text: "Hello there, my friend."), engine)
    #expect(events.metadata == [nil])
    #expect(events.samples == 40 * 48_000)
  }

  @Test(arguments: [
    (Welcome.Request(text: " "), "Hi! Nexy is here. How can I help you?", Language.english),
    (Welcome.Request(text: "", language: .russian), "Привет! Это Нэкси. Чем могу помочь?", .russian),
    (Welcome.Request(text: "", voice: "ru-RU-SvetlanaNeural"), "Привет! Это Нэкси. Чем могу помочь?", .russian),
    (Welcome.Request(text: "Привет, мой друг."), "Привет, мой друг.", .russian),
    (Welcome.Request(text: "Hello, my friend.", language: .russian), "Hello, my friend.", .russian),
    (Welcome.Request(text: "12345 67890 12345", voice: "ru-RU-SvetlanaNeural"), "12345 67890 12345", .russian),
    (Welcome.Request(text: "Привет, мой друг.", voice: "en-US-JennyNeural"), "Привет, мой друг.", .russian),
  ])
  func `text, voice and language are honoured`(_ request: Welcome.Request, _ text: String, _ language: Language)
    async throws
  {
    let engine = FakeSynthesizer()
    _ = try await events(request, engine)
    // The engine is asked for two sentences at the same time, in no order.
    let spoken = engine.spoken.map(\.text).sorted { text.range(of: $0)!.lowerBound < text.range(of: $1)!.lowerBound }
    #expect(spoken.joined(separator: " ") == text)
    #expect(engine.spoken.allSatisfy { $0.language == language && $0.voice == request.voice })
  }

  @Test(arguments: ["😀", "---", String(repeating: "a", count: 20_000)])
  func `what cannot be spoken is an error and no silent success`(_ text: String) async {
    await #expect(throws: NexyError.self) { try await events(.init(text: text), FakeSynthesizer()) }
  }
}
