import NexyCore
import Synchronization

/// An engine's speech as clients play it: 48 kHz, without silence in front, never silent as a whole.
struct Speech: Sendable {
  let synthesizer: any SpeechSynthesizer
  let language: Language?
  let voice: String?
  let owner: TurnSlot.Owner?

  /// Speaks one text; the voice is that of the request, else of the text's script.
  func speak(_ text: String, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let utterance = Utterance(
      text: text, language: language ?? Language(scriptOf: text) ?? voice.flatMap(Language.init(tag:)) ?? .english,
      voice: voice, owner: owner)
    let polisher = Mutex(AudioPolisher(rate: synthesizer.sampleRate))
    try await synthesizer.speak(utterance) { samples in
      let ready = polisher.withLock { $0.take(samples) }
      if !ready.isEmpty { try await emit(ready) }
    }
    let rest = polisher.withLock { $0.finish() }
    if !rest.isEmpty { try await emit(rest) }
    guard polisher.withLock({ $0.heard }) else {
      throw NexyError(.speechFailed, "The speech engine \(synthesizer.name) gave no sound for this text.")
    }
  }
}

/// Resamples to 48 kHz and drops the silence in front.
private struct AudioPolisher {
  private var resampler: Resampler?
  private(set) var heard = false

  init(rate: Int) {
    resampler = rate == AudioChunk.sampleRate ? nil : Resampler(from: rate, to: AudioChunk.sampleRate)
  }

  mutating func take(_ samples: [Int16]) -> [Int16] {
    trimmed(resampler?.process(samples) ?? samples)
  }

  mutating func finish() -> [Int16] { trimmed(resampler?.finish() ?? []) }

  private mutating func trimmed(_ samples: [Int16]) -> [Int16] {
    if heard { return samples }
    guard let first = samples.firstIndex(where: { $0 != 0 }) else { return [] }
    heard = true
    return first == 0 ? samples : Array(samples[first...])
  }
}
