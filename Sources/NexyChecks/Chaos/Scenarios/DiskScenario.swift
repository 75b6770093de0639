import Foundation
import NexyCore

extension ChaosScenario {
  private static let turns = ChaosPromise(
    point: CheckPoint(
      "chaos.disk.turns", "On a full disk turns go on", cause: "A turn waits for the log or the database.",
      see: .machine),
    expected: "answered, within \(ChaosTimes.turn.told)")
  private static let health = ChaosPromise(
    point: CheckPoint(
      "chaos.disk.health", "On a full disk /health stays up and says what is wrong",
      cause: "A full disk makes the server unready, or is not noticed.", see: .health),
    expected: "always 200 and ready; degraded in the end")
  private static let usage = ChaosPromise(
    point: CheckPoint(
      "chaos.disk.usage", "On a full disk no report of usage is acknowledged that is not kept",
      cause: "Reports are acknowledged before they are on disk, or the data folder is another one.", see: .machine),
    expected: "success=false; what had success=true is in the database")
  private static let recovery = ChaosPromise(
    point: CheckPoint(
      "chaos.disk.recovery", "When there is room again, usage and log are kept again",
      cause: "A file that failed once is not opened anew.", see: .recovery),
    expected: "a report acknowledged and /health OK within \(recoversWithin.told)")

  /// The log and the database are tried again every few seconds.
  private static let recoversWithin = Duration.seconds(8)
  private static let fullFor = Duration.seconds(3)

  /// The disk of the log and the database is full for a while.
  static let disk = ChaosScenario(name: "disk", promises: [turns, health, usage, recovery]) { scene in
    guard let disk = try await TightDisk.find(in: scene.folder) else {
      for promise in [turns, health, usage, recovery] {
        scene.record(promise, .skipped("this system has neither unshare for a small tmpfs nor prlimit"))
      }
      return
    }
    try await scene.withProvider { _, plan in
      var plan = plan
      disk.take(&plan)
      plan.settings["LOG_FILE"] = plan.data.appending(path: "server.log").path()
      try await ServerProcess.with(plan) { process, target, _ in
        guard let number = process.number else { throw NexyError(.serverNotReady, "the server ended") }
        let reporter = Reporter()
        try await reporter.report(target, 3)
        guard reporter.refused.isEmpty else {
          throw NexyError(.serverNotReady, "reports are refused while there is room")
        }
        try await disk.fill(number)
        let (turned, samples) = try await HealthSample.during(target) {
          try await Crowd.during(target, clients: 2) { _ in
            try await reporter.during(target) { try await Task.sleep(for: fullFor) }
          }.1
        }
        scene.record(turns, turned.sight(allowing: [.answered]).told(of: disk))
        scene.record(health, sight(samples).told(of: disk))
        let refused = reporter.refused.count
        try await disk.empty(number)
        scene.record(recovery, try await wayBack(target).told(of: disk))
        let book = try await UsageBook.read(plan, through: disk.entry(of: number))
        let told = "\(refused) reports refused, \(reporter.acknowledged.count) acknowledged and kept"
        let faults = book.faults(reporter.acknowledged) + (refused > 0 ? [] : ["not one report was refused"])
        scene.record(usage, Sight.of(faults, otherwise: told).told(of: disk))
      }
    }
  }

  private static func sight(_ samples: [HealthSample]) -> Sight {
    let bad = samples.filter { $0.status != 200 || !$0.isReady }
    if let first = bad.first {
      return .bad("\(bad.count) of \(samples.count) such as HTTP \(first.status) \(first.word)")
    }
    guard let last = samples.last, last.word == "degraded" else {
      return .bad("it says \(samples.last?.word ?? "nothing")")
    }
    return .good("degraded: \(last.reasons.joined(separator: "; "))")
  }

  private static func wayBack(_ target: CheckTarget) async throws -> Sight {
    let began = ContinuousClock.now
    let reporter = Reporter()
    do {
      try await WebLine.with(target, patience: ChaosTimes.page) { web in
        try await Patience.until(recoversWithin, what: "no report is acknowledged") {
          try? await reporter.report(target, 1)
          return !reporter.acknowledged.isEmpty
        }
        try await Patience.until(recoversWithin - (.now - began), what: "/health does not say OK") {
          await HealthSample.take(target, web).word == "OK"
        }
      }
    } catch let error as NexyError {
      return .bad(error.message)
    }
    let took = ContinuousClock.now - began
    return .good("after \(took.told)", latency: took)
  }
}

extension Sight {
  /// With what the disk was.
  fileprivate func told(of disk: TightDisk) -> Sight {
    Sight(verdict: verdict, observed: "\(disk.told): \(observed)", latency: latency)
  }
}
