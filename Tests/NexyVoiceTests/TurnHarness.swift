import NexyCore
import NexyTestSupport
import Synchronization

@testable import NexyVoice

/// Collects what a turn emits.
final class EventLog: Sendable {
  private let events = Mutex([TurnEvent]())
  private let onEvent: @Sendable (TurnEvent) async throws -> Void

  init(onEvent: @escaping @Sendable (TurnEvent) async throws -> Void = { _ in }) { self.onEvent = onEvent }

  var emit: @Sendable (TurnEvent) async throws -> Void {
    { event in
      self.events.withLock { $0.append(event) }
      try await self.onEvent(event)
    }
  }

  var all: [TurnEvent] { events.withLock { $0 } }

  /// Each event in a few characters: neighbouring audio is summed up, because its chunks depend on the engine.
  var outline: [String] {
    all.reduce(into: []) { outline, event in
      switch event {
      case .text(let text): outline.append("text \(text)")
      case .audio(let chunks):
        if let last = outline.last, last.hasPrefix("audio "), let samples = Int(last.dropFirst(6)) {
          outline[outline.count - 1] = "audio \(samples + chunks.sampleCount)"
        } else {
          outline.append("audio \(chunks.sampleCount)")
        }
      case .action(let command): outline.append("action \(command.name) \(command.arguments)")
      case .finished: outline.append("finished")
      case .failed(let error): outline.append("failed \(error.code)")
      }
    }
  }

  var chunks: [AudioChunk] {
    all.flatMap { event -> [AudioChunk] in
      if case .audio(let chunks) = event { chunks } else { [] }
    }
  }

  var texts: [String] { all.compactMap { if case .text(let text) = $0 { text } else { nil } } }
}

extension TurnRequest {
  static func asking(_ prompt: String, device: String = "mac-1") -> TurnRequest {
    TurnRequest(
      device: DeviceID(device)!, session: SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!, prompt: prompt)
  }
}

extension Turn {
  /// Runs a whole turn on a clock that stands still unless it is moved.
  static func events(
    _ model: any LanguageModel, _ synthesizer: any SpeechSynthesizer = FakeSynthesizer(), rules: Rules = Rules(),
    prompt: String = "hello", clock: any Clock<Duration> = VirtualClock()
  ) async -> EventLog {
    let log = EventLog()
    let turn = Turn(model: model, synthesizer: synthesizer, rules: rules, clock: clock)
    _ = await turn.run(.asking(prompt), interruption: Interruption(), emit: log.emit)
    return log
  }
}
