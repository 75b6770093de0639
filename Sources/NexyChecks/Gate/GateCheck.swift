import NexyCore

/// The gate's own looks, the settings and the log, and then its lines.
enum GateCheck {
  static func look(_ run: CheckRun, _ settings: CheckSettings) async {
    if !run.results.contains(where: { $0.point.id.hasPrefix("preflight.configuration.") }) {
      ConfigurationPoints.look(run, settings.preflight.configuration, isHere: ThisMachine.is(run.target.host))
    }
    await log(run, settings.logPath)
    for line in BetaGate.lines(run.results) {
      run.record(line.point, expecting: "every point of it holds", line.sight)
    }
  }

  /// A refused turn leaves a decision in the log; it is looked for in what the file gained since.
  private static func log(_ run: CheckRun, _ path: String?) async {
    let expected = "decision=reject of our own request"
    guard let path else {
      return run.record(.gateLog, expecting: expected, .skipped("no --log FILE was given"))
    }
    await run.look(.gateLog, expecting: expected) {
      let session = CheckRequests.session()
      let growth = try LogGrowth(path)
      try await VoiceLine.with(run.target, patience: run.patience) { line in
        _ = try await line.say(CheckRequests.turn(device: "", session: session))
      }
      // The log is written beside the turns: lines come a moment later.
      while true {
        if let line = try growth.lines().first(where: { $0.contains(session) && LogGrowth.tells("reject", $0) }) {
          return .good("\(line.prefix(120))")
        }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}
