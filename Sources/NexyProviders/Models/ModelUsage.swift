import NexyCore

/// What one call of a language model used.
package struct ModelUsage: Sendable, Equatable {
  package var provider: String
  /// As it was asked for, which is how price lists name it.
  package var model: String
  package var device: DeviceID
  package var session: SessionID
  /// Nil when the provider did not tell, as when a call is cancelled.
  package var inputTokens: Int?
  package var outputTokens: Int?

  package init(
    provider: String, model: String, device: DeviceID, session: SessionID, inputTokens: Int?, outputTokens: Int?
  ) {
    self.provider = provider
    self.model = model
    self.device = device
    self.session = session
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
  }
}

/// Tokens as a provider counted them.
struct TokenCount: Sendable, Equatable {
  var input: Int?
  var output: Int?
}
