import NexyCore
import NexyObservability
import NexyVoice
import Synchronization

/// A speech engine whose calls are counted and whose cost is kept.
package struct MeteredSynthesizer: SpeechSynthesizer {
  private let synthesizer: any SpeechSynthesizer
  private let metrics: ServerMetrics
  private let ledger: (any UsageLedger)?

  package init(_ synthesizer: any SpeechSynthesizer, metrics: ServerMetrics, ledger: (any UsageLedger)? = nil) {
    self.synthesizer = synthesizer
    self.metrics = metrics
    self.ledger = ledger
  }

  package var name: String { synthesizer.name }
  package var sampleRate: Int { synthesizer.sampleRate }

  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let tally = Tally()
    metrics.callBegan(.speech)
    defer { metrics.callEnded(.speech) }
    let outcome = await CallOutcome.of {
      try await synthesizer.speak(utterance) { samples in
        try await tally.pass(samples, to: emit)
      }
    }
    let (samples, took) = tally.result
    let audio = Double(samples) / Double(sampleRate)
    metrics.spoke(engine: name, outcome: outcome.word, audio: .seconds(audio), took: took)
    // What failed without a sound is no usage.
    if samples > 0 || outcome.word != "failed" { note(utterance, audio) }
    try outcome.get()
  }

  private func note(_ utterance: Utterance, _ audio: Double) {
    ledger?.note(
      UsageEntry(
        hardwareID: utterance.owner?.device.description ?? "", sessionID: utterance.owner?.session.text ?? "",
        source: utterance.owner == nil ? "welcome" : "turn", provider: name,
        model: synthesizer.chargedName(of: utterance), characters: utterance.text.count, audioSeconds: audio))
  }
}

/// Counts what an engine gives, and leaves out the time it waits for the listener.
private final class Tally: Sendable {
  private struct State {
    var samples = 0
    var waited = Duration.zero
  }

  private let began = ContinuousClock.now
  private let state = Mutex(State())

  func pass(_ samples: [Int16], to emit: @Sendable ([Int16]) async throws -> Void) async throws {
    let given = ContinuousClock.now
    try await emit(samples)
    let waited = ContinuousClock.now - given
    state.withLock { state in
      state.samples += samples.count
      state.waited += waited
    }
  }

  var result: (samples: Int, took: Duration) {
    state.withLock { ($0.samples, ContinuousClock.now - began - $0.waited) }
  }
}
