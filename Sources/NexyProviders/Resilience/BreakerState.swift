/// When a circuit breaker opens, and for how long.
package struct BreakerRules: Sendable, Equatable {
  /// So many faults in a row open it; at least 1.
  package var threshold: Int
  /// How long it stays open.
  package var timeout: Duration
  /// How long a turn waits where the provider itself asks for a delay; a longer one opens the breaker at once, for that
  /// long.
  package var patience: Duration

  package init(threshold: Int = 3, timeout: Duration = .seconds(300), patience: Duration = .seconds(4)) {
    self.threshold = max(1, threshold)
    self.timeout = timeout
    self.patience = patience
  }
}

/// What a circuit breaker lets through now.
package enum BreakerState: Sendable, Equatable {
  /// Every call.
  case closed
  /// No call, for the time that is left, because of the fault.
  case open(ProviderFault, left: Duration)
  /// One call at a time, to see whether the fault is over.
  case halfOpen(ProviderFault)

  /// As status and metrics spell it.
  package var word: String {
    switch self {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half_open"
    }
  }

  /// Why not every call goes through.
  package var fault: ProviderFault? {
    switch self {
    case .closed: nil
    case .open(let fault, _), .halfOpen(let fault): fault
    }
  }
}
