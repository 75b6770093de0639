import NexyCore

/// One piece of speech: the spoken form of a sentence, and whose voice says it.
package struct Utterance: Sendable, Equatable {
  /// Text in its spoken form.
  package var text: String
  /// The language the voice must speak.
  package var language: Language
  /// The voice the client asked for, in the engine's own or any vendor's spelling.
  package var voice: String?

  package init(text: String, language: Language, voice: String? = nil) {
    self.text = text
    self.language = language
    self.voice = voice
  }
}

/// A speech engine: text goes in, mono samples come out while it still speaks.
///
/// Cancelling the calling task stops the engine's work and ends what it started; `emit` suspends when the turn cannot
/// take more.
package protocol SpeechSynthesizer: Sendable {
  /// The provider's name as settings spell it.
  var name: String { get }
  /// Samples a second of what `speak` emits.
  var sampleRate: Int { get }

  func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws
}
