/// What one call of a language model or a speech engine cost.
package struct UsageEntry: Sendable, Equatable {
  /// Whose call it was; empty for the server's own.
  package var hardwareID: String
  package var sessionID: String
  /// What it was spent on: `turn`, `welcome`, `memory`, or a client's own words.
  package var source: String
  /// The provider as settings spell it; empty in a client's report.
  package var provider: String
  /// The model or the voice, in the provider's spelling.
  package var model: String
  package var inputTokens: Int
  package var outputTokens: Int
  /// Characters that were spoken.
  package var characters: Int
  /// Seconds of sound.
  package var audioSeconds: Double

  package init(
    hardwareID: String, sessionID: String, source: String, provider: String = "", model: String, inputTokens: Int = 0,
    outputTokens: Int = 0, characters: Int = 0, audioSeconds: Double = 0
  ) {
    self.hardwareID = hardwareID
    self.sessionID = sessionID
    self.source = source
    self.provider = provider
    self.model = model
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.characters = characters
    self.audioSeconds = audioSeconds
  }
}

/// Where usage is kept.
package protocol UsageLedger: Sendable {
  /// Returns only after the entry is kept; throws when it is not.
  func record(_ entry: UsageEntry) async throws

  /// Keeps an entry within a second; returns at once, and reports its own failures.
  func note(_ entry: UsageEntry)
}
