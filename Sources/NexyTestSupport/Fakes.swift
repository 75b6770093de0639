import NexyCore
import NexyVoice
import Synchronization

/// A language model that does what a test tells it.
package struct FakeModel: LanguageModel {
  package typealias Emit = @Sendable (ModelDelta) async throws -> Void

  package let name = "fake"
  private let script: @Sendable (ModelRequest, Emit) async throws -> Void

  package init(_ script: @escaping @Sendable (ModelRequest, Emit) async throws -> Void) { self.script = script }

  /// Emits these deltas at once.
  package init(_ deltas: [ModelDelta]) {
    self.init { _, emit in
      for delta in deltas { try await emit(delta) }
    }
  }

  /// Emits a text in these pieces.
  package init(pieces: [String]) { self.init(pieces.map(ModelDelta.text)) }

  package func reply(to request: ModelRequest, emit: @escaping Emit) async throws { try await script(request, emit) }
}

/// A speech engine that remembers what it was told to say and speaks one sample a character.
package final class FakeSynthesizer: SpeechSynthesizer {
  package let name = "fake"
  package let sampleRate: Int
  private let state = Mutex([Utterance]())
  private let script: @Sendable (Utterance, @Sendable ([Int16]) async throws -> Void) async throws -> Void

  package init(
    sampleRate: Int = AudioChunk.sampleRate,
    _ script: @escaping @Sendable (Utterance, @Sendable ([Int16]) async throws -> Void) async throws -> Void = {
      utterance, emit in
      try await emit([Int16](repeating: 1000, count: utterance.text.count))
    }
  ) {
    self.sampleRate = sampleRate
    self.script = script
  }

  /// Everything it was told to say, in the order it was asked.
  package var spoken: [Utterance] { state.withLock { $0 } }

  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    state.withLock { $0.append(utterance) }
    try await script(utterance, emit)
  }
}

/// A gate that a test opens.
package struct Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  package init() { (stream, continuation) = AsyncStream.makeStream() }

  package func open() { continuation.finish() }

  /// Returns once the gate is open; throws when the waiting task is cancelled.
  package func wait() async throws {
    for await _ in stream {}
    try Task.checkCancellation()
  }
}

/// Counts what several tasks do.
package final class Counter: Sendable {
  private let count = Mutex(0)

  package init() {}

  package var value: Int { count.withLock { $0 } }

  /// Counts one more and returns how many there are now.
  @discardableResult
  package func add() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

/// Pseudo-random numbers from a seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
