import NexyVoice

/// What a chain did about a provider that failed or came back, for the log and the metrics.
package struct ProviderEvent: Sendable, Equatable {
  package enum Step: Sendable, Equatable {
    /// It is called again after the wait; `attempt` counts from 1 and is the one that follows.
    case retry(attempt: Int, wait: Duration, ProviderFault)
    /// Another takes its place.
    case degrade(to: ProviderIdentity, ProviderFault)
    /// It is not called for that long.
    case opened(ProviderFault, for: Duration)
    /// One call tries whether it is back.
    case halfOpened
    /// It is back.
    case closed
  }

  package let provider: ProviderIdentity
  /// In whose turn; nil outside of one.
  package let owner: TurnSlot.Owner?
  package let step: Step

  package init(_ provider: ProviderIdentity, owner: TurnSlot.Owner?, _ step: Step) {
    self.provider = provider
    self.owner = owner
    self.step = step
  }
}
