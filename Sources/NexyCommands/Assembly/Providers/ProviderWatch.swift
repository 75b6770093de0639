import NexyCore
import NexyObservability
import NexyProviders
import NexyServer

/// Tells what chains do about providers that fail: the log, the metrics and the server's health.
struct ProviderWatch: Sendable {
  let journal: ProviderJournal
  let metrics: ServerMetrics
  let health: ServerHealth

  /// Brings metrics and health up to what is so now: a provider whose pause is over may not be called for long.
  func refresh(_ states: [ProviderState]) {
    for state in states {
      switch state.breaker {
      case .closed: show(state.provider, .closed)
      case .halfOpen: show(state.provider, .halfOpen)
      case .open:
        show(state.provider, .open)
        continue
      }
      health.clear(.provider, of: state.provider.subject)
    }
  }

  func note(_ event: ProviderEvent) {
    let provider = event.provider
    var facts = ["provider": provider.name, "kind": provider.kind.rawValue]
    if let hint = provider.keyHint { facts["key"] = "…\(hint)" }
    switch event.step {
    case .retry(let attempt, let wait, let fault):
      facts["attempt"] = "\(attempt)"
      facts["wait_ms"] = "\(wait.wholeMilliseconds)"
      tell(.retry, "A provider is asked again", facts, fault)
    case .degrade(let other, let fault):
      facts["to"] = "\(other)"
      tell(.degrade, "Another provider takes over", facts, fault)
    case .opened(let fault, let length):
      facts["seconds"] = "\(Int(length.inSeconds))"
      tell(.degrade, "A provider is left alone", facts, fault)
      show(provider, .open)
      health.note(.provider, of: provider.subject, Self.reason(provider, fault))
    case .halfOpened:
      tell(.retry, "A provider is tried again", facts, nil)
      show(provider, .halfOpen)
    case .closed:
      tell(.recover, "A provider works again", facts, nil)
      show(provider, .closed)
      health.clear(.provider, of: provider.subject)
    }
  }

  private func show(_ provider: ProviderIdentity, _ state: ServerMetrics.CircuitState) {
    metrics.circuit(of: provider.name, kind: provider.kind.rawValue, key: provider.keyHint ?? "-", is: state)
  }

  private func tell(_ decision: Decision, _ message: String, _ facts: [String: String], _ fault: ProviderFault?) {
    var facts = facts
    if let fault {
      facts["error_type"] = fault.kind.rawValue
      facts["detail"] = fault.remedy
    }
    journal.tell(decision, message, facts)
  }

  private static func reason(_ provider: ProviderIdentity, _ fault: ProviderFault) -> String {
    let key = provider.keyHint.map { " (key ending in \($0))" } ?? ""
    return "\(provider.name)\(key) is not called for now: \(fault.remedy)"
  }
}

extension ProviderIdentity {
  /// What tells it from all others.
  var subject: String { "\(kind.rawValue) \(self)" }
}

extension ProviderFacts {
  init(_ state: ProviderState) {
    self.init(
      name: state.provider.name, kind: state.provider.kind.rawValue, state: state.breaker.word,
      key: state.provider.keyHint, reason: state.remedy)
  }
}
