import NexyCore
import NexyVoice
import Synchronization

/// Speech engines in the order they are asked: the first that speaks, speaks, and a turn that had to move to another
/// engine stays with it.
package struct SpeechChain: SpeechSynthesizer {
  package typealias Link = ProviderLink<any SpeechSynthesizer>

  /// Stands between half a sentence and the same sentence from its beginning, in another voice: 200 ms of silence.
  static let pause = [Int16](repeating: 0, count: AudioChunk.sampleRate / 5)

  /// The first engine's.
  package let name: String
  /// Whatever the engines' own rates are.
  package let sampleRate = AudioChunk.sampleRate
  private let links: [Link]
  private let context: ChainContext
  /// Where the turn is; nil outside of one, where each utterance begins with the first engine.
  private var place: ChainPlace?

  /// - Parameters:
  ///   - links: At least one; the last is the last resort.
  ///   - random: From 0 to 1, for the waits between attempts.
  ///   - observe: Told what was done about faults; must return at once.
  package init(
    _ links: [Link], clock: any Clock<Duration> = SharedClock(),
    random: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    observe: @escaping @Sendable (ProviderEvent) -> Void
  ) {
    precondition(!links.isEmpty, "a chain has a link")
    name = links[0].identity.name
    self.links = links
    context = ChainContext(clock: clock, random: random, observe: observe)
  }

  /// How each engine does, in the order they are asked.
  package var states: [ProviderState] { links.map(\.state) }

  package func forOneTurn() -> any SpeechSynthesizer {
    var chain = self
    chain.place = ChainPlace()
    return chain
  }

  /// A text that an engine breaks off, or has no sound for, is spoken by the next engine from its beginning. The last
  /// engine is tried with every text anew: one that it cannot say does not silence the turn.
  ///
  /// - Throws: `NexyError` with code `speechFailed`, cancellation, or what `emit` threw.
  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let place = place ?? ChainPlace()
    let job = ChainJob<any SpeechSynthesizer, [Int16]>(
      context, owner: utterance.owner, begins: { _ in true }, emit: emit
    ) {
      try await Self.speak(utterance, with: $0, emit: $1)
    }
    var failures: [LinkFailure] = []
    var index = place.index
    while let failure = try await links[index].run(job) {
      failures.append(failure)
      guard let next = links.nextLink(after: index, failure) else { throw NexyError.noSpeech(failures) }
      if place.move(to: next) { job.tell(failure.provider, .degrade(to: links[next].identity, failure.fault)) }
      if failure.hasBegun { try await emit(Self.pause) }
      index = place.index
    }
  }

  private static func speak(
    _ utterance: Utterance, with engine: any SpeechSynthesizer,
    emit: @escaping @Sendable ([Int16]) async throws -> Void
  ) async throws {
    let sound = Mutex(EngineSound(rate: engine.sampleRate))
    try await engine.speak(utterance) { samples in
      let ready = sound.withLock { $0.take(samples) }
      if !ready.isEmpty { try await emit(ready) }
    }
    let rest = sound.withLock { $0.finish() }
    if !rest.isEmpty { try await emit(rest) }
  }
}

/// The engine that a turn has come to; its utterances are spoken at the same time, and each may move it on.
private final class ChainPlace: Sendable {
  private let state = Mutex(0)

  var index: Int { state.withLock { $0 } }

  /// - Returns: Whether the place is a new one; it never goes back.
  func move(to next: Int) -> Bool {
    state.withLock { index in
      defer { index = max(index, next) }
      return next > index
    }
  }
}

/// An engine's samples at the rate of the chain; the silence before the first sound is left out, so that an engine
/// which gives nothing but silence has given nothing.
private struct EngineSound {
  private var resampler: Resampler?
  private var isHeard = false

  init(rate: Int) {
    resampler = rate == AudioChunk.sampleRate ? nil : Resampler(from: rate, to: AudioChunk.sampleRate)
  }

  mutating func take(_ samples: [Int16]) -> [Int16] {
    isHeard = isHeard || samples.contains { $0 != 0 }
    guard isHeard else { return [] }
    return resampler?.process(samples) ?? samples
  }

  mutating func finish() -> [Int16] { isHeard ? resampler?.finish() ?? [] : [] }
}

extension NexyError {
  fileprivate static func noSpeech(_ failures: [LinkFailure]) -> NexyError {
    NexyError(.speechFailed, "This cannot be spoken now. Please try again in a moment.", detail: failures.detail)
  }
}
