import NexyVoice

/// One provider in a chain, with one key, and what guards its calls.
package struct ProviderLink<Provider: Sendable>: Sendable {
  package let provider: Provider
  package let identity: ProviderIdentity
  /// Its own, because a breaker may open for a key alone; nil for what is always called, such as a last resort.
  let breaker: CircuitBreaker?
  /// Shared by the links of one provider; nil for no bound.
  let gate: CallGate?
  let budgets: CallBudgets

  package var state: ProviderState { ProviderState(provider: identity, breaker: breaker?.state ?? .closed) }
}

extension ProviderLink where Provider == any LanguageModel {
  /// - Parameter name: The provider's; nil takes the model's own.
  package init(
    _ model: any LanguageModel, name: String? = nil, keyHint: String? = nil, breaker: CircuitBreaker? = nil,
    gate: CallGate? = nil, budgets: CallBudgets = .model
  ) {
    self.init(
      provider: model, identity: ProviderIdentity(.model, name: name ?? model.name, keyHint: keyHint),
      breaker: breaker, gate: gate, budgets: budgets)
  }
}

extension ProviderLink where Provider == any SpeechSynthesizer {
  /// - Parameter name: The provider's; nil takes the engine's own.
  package init(
    _ engine: any SpeechSynthesizer, name: String? = nil, keyHint: String? = nil, breaker: CircuitBreaker? = nil,
    gate: CallGate? = nil, budgets: CallBudgets = .speech
  ) {
    self.init(
      provider: engine, identity: ProviderIdentity(.speech, name: name ?? engine.name, keyHint: keyHint),
      breaker: breaker, gate: gate, budgets: budgets)
  }
}

extension Array {
  /// The link to try after one that failed: where no key is to blame, its provider's other keys are skipped.
  func nextLink<Provider>(after index: Int, _ failure: LinkFailure) -> Int? where Element == ProviderLink<Provider> {
    self[(index + 1)...].firstIndex { link in
      failure.fault.kind.mayBeOfTheKey && !failure.isByGate || link.identity.name != self[index].identity.name
    }
  }
}
