import NexyCore

/// A fault of the provider's or of its network's, with what the documentation promises of it ("When a provider fails").
private struct ProviderTrouble: Sendable {
  let name: String
  let turns: ChaosPromise
  let recovery: ChaosPromise
  let fault: NetworkFault
  /// What turns may become; the first of them has to be seen.
  let outcomes: [TurnOutcome]

  init(_ name: String, _ what: String, _ fault: NetworkFault, _ outcomes: [TurnOutcome], cause: String) {
    (self.name, self.fault, self.outcomes) = (name, fault, outcomes)
    turns = ChaosPromise(
      point: CheckPoint("chaos.\(name).turns", "\(what): every turn ends as promised", cause: cause, see: .turns),
      expected: "\(outcomes[0].told), within \(ChaosTimes.turn.told)")
    recovery = ChaosPromise(
      point: CheckPoint(
        "chaos.\(name).recovery", "\(what), and then no more: the provider answers again",
        cause: "CIRCUIT_BREAKER_TIMEOUT is longer, or the breaker does not close.", see: .recovery),
      expected: "its answer within \((ChaosTimes.leftAlone + ChaosTimes.recovery).told), and /health OK")
  }

  static let all = [
    ProviderTrouble(
      "late", "The provider is slow", .late(.milliseconds(200)), [.answered],
      cause: "A budget is shorter than LLM_FIRST_DELTA_TIMEOUT_MS says."),
    ProviderTrouble(
      "silent", "The provider does not answer", .silent, [.replaced],
      cause: "LLM_FIRST_DELTA_TIMEOUT_MS is not kept, or LLM_FALLBACK not followed."),
    ProviderTrouble(
      "trickle", "The provider's bytes drip", .trickle(bytes: 2, every: .milliseconds(100)), [.replaced],
      cause: "A byte is taken for a word: LLM_FIRST_DELTA_TIMEOUT_MS is not kept."),
    ProviderTrouble(
      "page", "The provider lies with a page for people", .lie(.page), [.replaced],
      cause: "A page is taken for an answer."),
    ProviderTrouble(
      "json", "The provider lies with broken JSON", .lie(.brokenJSON), [.replaced],
      cause: "What cannot be read is taken for an answer."),
    ProviderTrouble(
      "error", "The provider says 500", .lie(.error), [.replaced], cause: "LLM_FALLBACK is not followed."),
    ProviderTrouble(
      "quota", "The provider says 429", .lie(.quota), [.replaced], cause: "LLM_FALLBACK is not followed."),
    ProviderTrouble(
      "cut", "The provider cuts in the middle of an answer", .cut(after: FakeProvider.bytes(through: 2)),
      // After three of them the breaker is open.
      [.brokenOff, .replaced], cause: "A stream that ends early is taken for a whole answer, or for none."),
  ]
}

extension ChaosScenario {
  private static let clients = 2
  /// A server's breaker opens after three faults in a row; those that come side by side are one.
  private static let rounds = 2

  /// The provider slows, lies and cuts.
  static let providerFaults = ProviderTrouble.all.map { trouble in
    ChaosScenario(name: trouble.name, promises: [trouble.turns, trouble.recovery]) { scene in
      try await scene.withProvider { proxy, plan in
        try await ServerProcess.with(plan) { _, target, _ in
          try await proxy.set(trouble.fault)
          var turns: [CrowdTurn] = []
          for _ in 0..<rounds { turns += try await Crowd.during(target, clients: clients, once: true) { _ in }.1 }
          scene.record(trouble.turns, trouble.sight(turns))
          try await proxy.set(.none)
          let limit = ChaosTimes.leftAlone + ChaosTimes.recovery
          scene.record(trouble.recovery, try await Recovery.sight(target, within: limit))
        }
      }
    }
  }
}

extension ProviderTrouble {
  /// All are what is promised, and what the fault is for was seen.
  fileprivate func sight(_ turns: [CrowdTurn]) -> Sight {
    let sight = turns.sight(allowing: outcomes)
    let isSeen = turns.contains { $0.outcome == outcomes[0] }
    return isSeen || sight.verdict == .failed ? sight : .bad("not one was \(outcomes[0].told): \(sight.observed)")
  }
}
