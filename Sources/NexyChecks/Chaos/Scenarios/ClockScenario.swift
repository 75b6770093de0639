import Foundation
import NexyCore

extension ChaosScenario {
  private static let turns = ChaosPromise(
    point: CheckPoint(
      "chaos.clock.turns", "The clock steps forth and back, and turns go on",
      cause: "A limit of time is measured with the wall clock.", see: .machine),
    expected: "answered, also those that run across a step")
  private static let health = ChaosPromise(
    point: CheckPoint(
      "chaos.clock.health", "The clock steps forth and back, and /health does not mind",
      cause: "A limit of time is measured with the wall clock.", see: .health),
    expected: "always 200 and OK")
  private static let usage = ChaosPromise(
    point: CheckPoint(
      "chaos.clock.usage", "The clock steps forth and back, and usage is kept",
      cause: "Rows are found by their time, or deleted by it.", see: .machine),
    expected: "all that was acknowledged is in the database")
  private static let recovery = ChaosPromise(
    point: CheckPoint(
      "chaos.clock.recovery", "The clock steps back while a provider is left alone, and it is tried again in time",
      cause: "The breaker measures with the wall clock.", see: .recovery),
    expected: "its answer within \((ChaosTimes.leftAlone + ChaosTimes.recovery).told)")

  /// By how much it steps, in seconds: more than any limit of a turn.
  private static let step = 3600
  /// How long it stays.
  private static let stay = Duration.seconds(2)

  /// The wall clock steps an hour forth, two back, and home.
  static let clock = ChaosScenario(name: "clock", promises: [turns, health, usage, recovery]) { scene in
    guard let clock = FalseClock(in: scene.folder) else {
      for promise in [turns, health, usage, recovery] {
        scene.record(promise, .skipped("libfaketime stands in for a clock that steps: install the package libfaketime"))
      }
      return
    }
    try await scene.withProvider { proxy, plan in
      let right = plan
      var plan = plan
      try clock.take(&plan)
      let log = scene.folder.appending(path: "server.log")
      plan.settings["LOG_FILE"] = log.path()
      try await ServerProcess.with(plan) { process, target, _ in
        // Known before it is ended, which may be now.
        let number = process.number
        defer { clock.clear(after: number) }
        let (reporter, long) = (Reporter(), "Say \(FakeProvider.longWord).")
        let (heard, samples) = try await HealthSample.during(target) {
          let (short, longer) = try await Crowd.during(target, clients: 1, saying: long, once: true) { _ in
            try await Crowd.during(target, clients: 2) { _ in
              try await reporter.during(target) {
                for offset in [step, -step, 0] {
                  try clock.step(to: offset)
                  try await wait(for: offset, in: log)
                  try await Task.sleep(for: stay)
                }
              }
            }.1
          }
          return short.sight(allowing: [.answered]).and(
            longer.sight(allowing: [.answered], within: ChaosTimes.deadline * 2))
        }
        scene.record(turns, heard)
        let bad = samples.filter { $0.status != 200 || $0.word != "OK" }
        scene.record(
          health,
          bad.isEmpty && !samples.isEmpty
            ? .good("\(samples.count) answers")
            : .bad("\(bad.count) of \(samples.count), such as \(bad.first?.word ?? "none")"))
        scene.record(usage, reporter.sight(try await UsageBook.read(right)))
        try await proxy.set(.gone)
        try await WebLine.with(target, patience: ChaosTimes.page) { web in
          try await Patience.until(ChaosTimes.turn, what: "the provider is not left alone") {
            _ = try await Crowd.during(target, clients: 1, once: true) { _ in }
            return await HealthSample.take(target, web).word == "degraded"
          }
        }
        try clock.step(to: -step)
        try await proxy.set(.none)
        let limit = ChaosTimes.leftAlone + ChaosTimes.recovery
        scene.record(recovery, try await Recovery.sight(target, within: limit))
      }
    }
  }

  /// Waits until the server's own log shows the step: a clock that did not step tells nothing.
  private static func wait(for offset: Int, in log: URL) async throws {
    try await Patience.until(ChaosTimes.page, what: "the server's clock does not step") {
      guard let text = try? String(contentsOf: log, encoding: .utf8),
        let line = text.split(separator: "\n").last(where: { $0.hasPrefix("ts=") }),
        let stamp = try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(
          String(line.dropFirst(3).prefix { $0 != " " }))
      else { return false }
      return abs(stamp.timeIntervalSinceNow - Double(offset)) < 60
    }
  }
}

extension Sight {
  /// Both: what is wrong of either is wrong.
  fileprivate func and(_ other: Sight) -> Sight {
    let bad = [self, other].filter { $0.verdict == .failed }
    return (bad.isEmpty ? [self, other] : bad).dropFirst().reduce(bad.first ?? self) {
      Sight(
        verdict: $0.verdict, observed: "\($0.observed); \($1.observed)",
        latency: max($0.latency ?? .zero, $1.latency ?? .zero))
    }
  }
}
