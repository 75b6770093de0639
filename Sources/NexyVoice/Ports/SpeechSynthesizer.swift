import NexyCore

/// One piece of speech: the spoken form of a sentence, and whose voice says it.
package struct Utterance: Sendable, Equatable {
  /// Text in its spoken form.
  package var text: String
  /// The language the voice must speak.
  package var language: Language
  /// The voice the client asked for, in the engine's own or any vendor's spelling.
  package var voice: String?
  /// Whose turn it is, for the account of usage; nil for a welcome and for the server's own checks.
  package var owner: TurnSlot.Owner?

  package init(text: String, language: Language, voice: String? = nil, owner: TurnSlot.Owner? = nil) {
    self.text = text
    self.language = language
    self.voice = voice
    self.owner = owner
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

  /// The voice or the model that speaks an utterance, in the provider's spelling: what usage is charged by.
  func chargedName(of utterance: Utterance) -> String

  /// The engine as one turn uses it: where one engine replaces another, it goes on doing so until the turn ends.
  func forOneTurn() -> any SpeechSynthesizer
}

extension SpeechSynthesizer {
  package func chargedName(of utterance: Utterance) -> String { "" }

  package func forOneTurn() -> any SpeechSynthesizer { self }
}
