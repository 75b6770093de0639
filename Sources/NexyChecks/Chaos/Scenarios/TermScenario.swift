import NexyCore
import Subprocess

extension ChaosScenario {
  private static let longTurns = ChaosPromise(
    point: CheckPoint(
      "chaos.term.turns", "SIGTERM under load: running turns go on for the grace period and are then told",
      cause: "Turns are torn off: BACKPRESSURE_GRACE_PERIOD is not kept.", see: .turns),
    expected: "an error_message, UNAVAILABLE, \(ChaosTimes.grace.told) after it")
  private static let shortTurns = ChaosPromise(
    point: CheckPoint(
      "chaos.term.refusals", "SIGTERM under load: what comes later is refused, what came before ends well",
      cause: "New turns are taken or torn while the server stops.", see: .refusals),
    expected: "answered before, UNAVAILABLE after")
  private static let end = ChaosPromise(
    point: CheckPoint(
      "chaos.term.exit", "SIGTERM under load: the process ends by itself", cause: "Something does not heed the stop.",
      see: .recovery),
    expected: "exit 0 within \((ChaosTimes.grace + ChaosTimes.exit).told)")

  private static let kept = ChaosPromise(
    point: CheckPoint(
      "chaos.term.usage", "SIGTERM under load: every report of usage that was acknowledged is kept",
      cause: "Reports are acknowledged before they are on disk, or the data folder is another one.", see: .machine),
    expected: "all of them in the database")

  private static let health = ChaosPromise(
    point: CheckPoint(
      "chaos.term.health", "SIGTERM under load: /health says that the server stops",
      cause: "Health does not know of the stop, or HTTP ends before the turns.", see: .health),
    expected: "draining, 503, from the signal on")

  /// SIGTERM while turns run and come.
  static let term = ChaosScenario(name: "term", promises: [longTurns, shortTurns, end, kept, health]) { scene in
    try await scene.withProvider { _, plan in
      try await ServerProcess.with(plan) { process, target, _ in
        let (long, reporter) = ("Say \(FakeProvider.longWord).", Reporter())
        let (((stop, samples), short), running) = try await Crowd.during(
          target, clients: 3, saying: long, once: true
        ) { crowd in
          try await Crowd.during(target, clients: 2) { others in
            try await reporter.report(target, 10)
            try await Patience.until(ChaosTimes.turn, what: "the turns do not speak") {
              crowd.speaking == 3 && others.turns.count >= 2
            }
            try await Task.sleep(for: Stop.moment)
            return try await HealthSample.during(target) { try await Stop.ask(process) }
          }
        }
        scene.record(end, stop.sight, latency: stop.took)
        scene.record(longTurns, Self.sight(running, since: stop.at))
        scene.record(shortTurns, Self.sight(short, askedAt: stop.at))
        scene.record(health, Self.sight(samples, since: stop.at))
        scene.record(kept, reporter.sight(try await UsageBook.read(plan)))
      }
    }
  }

  private static func sight(_ running: [CrowdTurn], since asked: ContinuousClock.Instant) -> Sight {
    let lived = (running.map(\.ended).min() ?? asked) - asked
    let sight = running.sight(allowing: [.refused], within: ChaosTimes.deadline)
    // A tenth of a second is what clocks and lines take.
    guard sight.verdict == .passed, lived < ChaosTimes.grace - .milliseconds(100) else {
      return Sight(verdict: sight.verdict, observed: sight.observed, latency: lived)
    }
    return .bad("the first was ended after \(lived.told)", latency: lived)
  }

  private static func sight(_ turns: [CrowdTurn], askedAt asked: ContinuousClock.Instant) -> Sight {
    let before = turns.filter { $0.isHeard(by: asked) }
    let after = turns.filter { $0.began > asked + Stop.moment }
    let between = turns.filter { !$0.isHeard(by: asked) && $0.began <= asked + Stop.moment }
    // Who comes later finds nobody who listens, or is told.
    let sights = [
      before.sight(allowing: [.answered]), after.sight(allowing: [.refused, .torn]),
      between.isEmpty ? .good("none") : between.sight(allowing: [.answered, .refused, .torn]),
    ]
    let told = "before it: \(sights[0].observed); after it: \(sights[1].observed)"
    let torn = before.filter { $0.outcome == .torn }.map { turn in
      "\(turn.reply.told), \((asked - turn.began).told) before it, ended \((turn.ended - asked).told) after it"
    }
    let faults = sights.filter { $0.verdict == .failed }.map(\.observed)
    return .of(faults + torn, otherwise: told, latency: after.longest)
  }

  private static func sight(_ samples: [HealthSample], since asked: ContinuousClock.Instant) -> Sight {
    let later = samples.filter { $0.at > asked + Stop.moment }
    let draining = later.count { $0.word == "draining" && $0.status == 503 && !$0.isReady }
    let odd = later.filter { $0.word != "draining" && $0.status != 0 }
    guard odd.isEmpty, draining > 0 else {
      return .bad("\(draining) answers said draining, \(odd.count) such as \(odd.first?.word ?? "none") did not")
    }
    return .good("\(draining) answers, all draining")
  }
}

/// A stop that was asked for, and what came of it.
private struct Stop: Sendable {
  /// Within this time of the signal it is not known who came first.
  static let moment = Duration.milliseconds(300)

  let at: ContinuousClock.Instant
  let took: Duration
  /// Nil for a process that did not end.
  let status: TerminationStatus?

  /// Sends SIGTERM, as a supervisor does, and waits.
  static func ask(_ process: ServerProcess) async throws -> Stop {
    let at = ContinuousClock.now
    process.send(.terminate)
    let status = try? await process.exit(within: ChaosTimes.grace + ChaosTimes.exit)
    let took = ContinuousClock.now - at
    try Task.checkCancellation()
    // What does not heed it must not hold the check.
    if status == nil { process.send(.kill, toGroup: true) }
    // However quickly it went, some come later.
    try await Task.sleep(for: moment * 2)
    return Stop(at: at, took: took, status: status)
  }

  var sight: Sight {
    let told = "\(status.map { "\($0)" } ?? "it still ran") after \(took.told)"
    return status == .exited(0) ? .good(told) : .bad(told)
  }
}

extension CrowdTurn {
  /// Whether the server had it by then: something of it had come, or ought to have. On a busy machine a request may be on
  /// its way for a good while.
  fileprivate func isHeard(by instant: ContinuousClock.Instant) -> Bool {
    reply.times.first.map { began + $0 < instant } ?? false || began < instant - ChaosTimes.turn
  }
}
