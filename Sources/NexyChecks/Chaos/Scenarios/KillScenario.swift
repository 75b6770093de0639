import NexyCore
import Subprocess
import Synchronization

extension ChaosScenario {
  private static let turns = ChaosPromise(
    point: CheckPoint(
      "chaos.kill.turns", "SIGKILL under load: no client is left waiting", cause: "Another process holds the port.",
      see: .turns),
    expected: "every turn ends within \(ChaosTimes.torn.told)")
  private static let ready = ChaosPromise(
    point: CheckPoint(
      "chaos.kill.ready", "After SIGKILL the server starts again", cause: "What the last one left stands in the way.",
      see: .recovery),
    expected: "ready within \(ChaosTimes.ready.told), and a turn is answered")
  private static let usage = ChaosPromise(
    point: CheckPoint(
      "chaos.kill.usage", "After SIGKILL every report of usage that was acknowledged is kept",
      cause: "Reports are acknowledged before they are on disk, or the data folder is another one.", see: .machine),
    expected: "all of them in the database, and of each turn that ended a second and a half before")
  private static let database = ChaosPromise(
    point: CheckPoint(
      "chaos.kill.database", "After SIGKILL the database opens and takes more", cause: "The database is damaged.",
      see: .machine),
    expected: "a report is acknowledged and kept, /health OK")

  /// Kept within a second of a turn's end, and half a second for a busy machine.
  private static let keepsWithin = Duration.milliseconds(1500)

  /// SIGKILL while turns run and usage is written.
  static let kill = ChaosScenario(name: "kill", promises: [turns, ready, usage, database]) { scene in
    try await scene.withProvider { _, plan in
      let promised = try await ServerProcess.with(plan) { process, target, _ in
        let reporter = Reporter()
        let long = "Say \(FakeProvider.longWord)."
        let ((killed, short), longer) = try await Crowd.during(target, clients: 2, saying: long, once: true) { _ in
          try await Crowd.during(target, clients: 2) { _ in
            try await reporter.during(target) {
              try await Task.sleep(for: keepsWithin + .milliseconds(Int.random(in: 1000...1800)))
              let killed = ContinuousClock.now
              process.send(.kill, toGroup: true)
              _ = try await process.exit(within: ChaosTimes.exit)
              return killed
            }
          }
        }
        let heard = short + longer
        let cut = heard.filter { $0.ended >= killed }
        let hanging = cut.filter { $0.ended - killed > ChaosTimes.torn }
        let last = cut.map { $0.ended - killed }.max() ?? .zero
        scene.record(
          turns,
          hanging.isEmpty && !cut.isEmpty
            ? .good("\(cut.count) turns ended, the last after \(last.told)", latency: last)
            : .bad("\(hanging.count) of \(cut.count) took longer, the last \(last.told)", latency: last))
        let kept = heard.filter { $0.outcome == .answered && $0.ended < killed - keepsWithin }.map(\.device)
        return (reports: reporter.acknowledged, turns: Set(kept))
      }
      let found = try await UsageBook.read(plan)
      try await ServerProcess.with(plan) { _, target, took in
        let way = try await Recovery.sight(target, within: ChaosTimes.ready)
        scene.record(
          ready, way.verdict == .passed ? .good("ready after \(took.told), \(way.observed)", latency: took) : way)
        // There for who looks while no server runs, and there for the next server.
        scene.record(usage, sight([found, try await UsageBook.read(plan)], promised.reports, promised.turns))
        let reporter = Reporter()
        try await reporter.report(target, 3)
        scene.record(database, reporter.sight(try await UsageBook.read(plan)))
      }
    }
  }

  private static func sight(_ books: [UsageBook], _ reports: Set<String>, _ turns: Set<String>) -> Sight {
    let told = "\(reports.count) reports and \(turns.count) turns"
    // A promise that was never made was not kept either.
    guard !reports.isEmpty, !turns.isEmpty else { return .bad("only \(told) were acknowledged") }
    let faults = books.map { $0.faults(reports) + $0.faults(turns, "turns") }.first { !$0.isEmpty }
    return .of(faults ?? [], otherwise: "\(told), all there")
  }
}
