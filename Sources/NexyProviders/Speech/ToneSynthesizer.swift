import NexyCore
import NexyVoice

/// A speech engine for tests, demonstrations and benchmarks: a sine whose length follows the text.
package struct ToneSynthesizer: SpeechSynthesizer {
  /// How long one character sounds: 15 ms, about a quarter of speech.
  private static let samplesPerCharacter = 15 * AudioChunk.sampleRate / 1000
  /// Samples of one cycle: 475 Hz. A prime, so that no chunks of a round size are alike, as they are in a stutter.
  private static let period = 101
  /// Half a second of whole cycles.
  private static let pieceSamples = AudioChunk.sampleRate / 2 / period * period

  /// A piece of the tone, starting and ending at zero.
  private static let piece: [Int16] = (0..<pieceSamples).map { index in
    let angle = 2 * Double.pi * Double(index % period) / Double(period)
    return Int16(8000 * sine(angle))
  }

  package let name = "tone"
  package let sampleRate = AudioChunk.sampleRate

  package init() {}

  package func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    var rest = max(1, utterance.text.unicodeScalars.count) * Self.samplesPerCharacter
    while rest > 0 {
      try Task.checkCancellation()
      let count = min(rest, Self.piece.count)
      try await emit(count == Self.piece.count ? Self.piece : Array(Self.piece[..<count]))
      rest -= count
    }
  }

  /// Taylor's series, enough for a tone; spares this file an import that differs between systems.
  private static func sine(_ angle: Double) -> Double {
    let x = angle > .pi ? angle - 2 * .pi : angle
    var term = x
    var sum = x
    for n in stride(from: 3.0, through: 21, by: 2) {
      term *= -x * x / (n * (n - 1))
      sum += term
    }
    return sum
  }
}
