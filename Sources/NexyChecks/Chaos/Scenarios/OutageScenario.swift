import NexyCore

extension ChaosScenario {
  private static let turns = ChaosPromise(
    point: CheckPoint(
      "chaos.outage.turns", "While the provider is away, every turn is answered by the next model",
      cause: "LLM_FALLBACK is not followed, or a budget is not kept.", see: .turns),
    expected: "each ends once, within \(ChaosTimes.turn.told), answered by the fallback")
  private static let torn = ChaosPromise(
    point: CheckPoint(
      "chaos.outage.running", "Turns that ran when the provider left are broken off with an apology",
      cause: "A stream that ends early is taken for a whole answer, or is not noticed.", see: .turns),
    expected: "every whole sentence, an apology, UNAVAILABLE, within \(ChaosTimes.turn.told)")
  private static let health = ChaosPromise(
    point: CheckPoint(
      "chaos.outage.health", "/health stays up and names the provider that is left alone",
      cause: "The breaker's state does not reach /health, or a provider's fault makes the server unready.", see: .health
    ),
    expected: "always 200 and ready, degraded with openai among the reasons")
  private static let recovery = ChaosPromise(
    point: CheckPoint(
      "chaos.outage.recovery", "A provider that is back answers again",
      cause: "CIRCUIT_BREAKER_TIMEOUT is longer, or the breaker does not close.", see: .recovery),
    expected: "its answer within \((ChaosTimes.leftAloneLong + ChaosTimes.recovery).told), and /health OK")

  /// The provider disappears for half a minute.
  static let outage = ChaosScenario(name: "outage", promises: [turns, torn, health, recovery]) { scene in
    try await scene.withProvider { proxy, plan in
      var plan = plan
      plan.settings["CIRCUIT_BREAKER_TIMEOUT"] = "\(ChaosTimes.leftAloneLong.components.seconds)"
      try await ServerProcess.with(plan) { _, target, _ in
        let (_, running) = try await Crowd.during(
          target, clients: 2, saying: "Say \(FakeProvider.longWord).", once: true
        ) { crowd in
          try await Patience.until(ChaosTimes.turn, what: "no turn speaks") { crowd.speaking == 2 }
          try await proxy.set(.gone)
        }
        scene.record(torn, running.sight(allowing: [.brokenOff], within: ChaosTimes.turn * 2))
        let ((_, during), samples) = try await HealthSample.during(target) {
          try await Crowd.during(target, clients: 2) { _ in try await Task.sleep(for: ChaosTimes.outage) }
        }
        scene.record(turns, during.sight(allowing: [.replaced]))
        scene.record(health, Self.sight(samples))
        try await proxy.set(.none)
        let limit = ChaosTimes.leftAloneLong + ChaosTimes.recovery
        scene.record(recovery, try await Recovery.sight(target, within: limit))
      }
    }
  }

  private static func sight(_ samples: [HealthSample]) -> Sight {
    let bad = samples.filter { $0.status != 200 || !$0.isReady }
    let degraded = samples.count { $0.word == "degraded" && $0.reasons.contains { $0.contains("openai") } }
    let told = "\(samples.count) answers, \(degraded) of them degraded"
    var faults: [String] = []
    if let first = bad.first {
      faults.append("\(bad.count) of \(samples.count) such as HTTP \(first.status) \(first.word)")
    }
    // It is left alone most of the time, and being tried for the rest.
    if degraded * 2 < samples.count { faults.append("\(told), and the provider was away all the time") }
    return .of(faults, otherwise: told)
  }
}
