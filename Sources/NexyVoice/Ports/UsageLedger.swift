/// What a client spent on a language model by itself, as it reports it.
package struct UsageEntry: Sendable, Equatable {
  package var hardwareID: String
  package var sessionID: String
  /// What the client spent it on, in its own words.
  package var source: String
  package var inputTokens: Int
  package var outputTokens: Int
  package var model: String

  package init(
    hardwareID: String, sessionID: String, source: String, inputTokens: Int, outputTokens: Int, model: String
  ) {
    self.hardwareID = hardwareID
    self.sessionID = sessionID
    self.source = source
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.model = model
  }
}

/// Where usage is kept.
package protocol UsageLedger: Sendable {
  /// Returns only after the entry is kept; throws when it is not.
  func record(_ entry: UsageEntry) async throws
}
