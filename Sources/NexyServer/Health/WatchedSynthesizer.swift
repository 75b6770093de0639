import NexyVoice

/// The speech of all turns, whose successes and failures the watch of the server's health hears.
package struct WatchedSynthesizer: SpeechSynthesizer {
  private let synthesizer: any SpeechSynthesizer
  private let outcomes: SpeechOutcomes

  package init(_ synthesizer: any SpeechSynthesizer, outcomes: SpeechOutcomes) {
    self.synthesizer = synthesizer
    self.outcomes = outcomes
  }

  package var name: String { synthesizer.name }
  package var sampleRate: Int { synthesizer.sampleRate }

  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let outcome = await CallOutcome.of { try await synthesizer.speak(utterance, emit: emit) }
    switch outcome {
    case .ok: outcomes.note(succeeded: true)
    case .failed: outcomes.note(succeeded: false)
    case .cancelled: break
    }
    try outcome.get()
  }

  package func forOneTurn() -> any SpeechSynthesizer {
    WatchedSynthesizer(synthesizer.forOneTurn(), outcomes: outcomes)
  }
}
