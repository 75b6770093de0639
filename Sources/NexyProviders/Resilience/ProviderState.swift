/// How a provider does, for status, health and metrics.
package struct ProviderState: Sendable, Equatable {
  package let provider: ProviderIdentity
  package let breaker: BreakerState

  /// What is wrong and what to do; nil while it is called as usual.
  package var remedy: String? { breaker.fault?.remedy }

  package init(provider: ProviderIdentity, breaker: BreakerState) {
    self.provider = provider
    self.breaker = breaker
  }
}
