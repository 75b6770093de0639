import NexyCore
import NexyWire

/// The limits that `/status` tells, reached and passed by turns that really run at the same time.
///
/// The turns are held open by not reading: every one has spoken, so that the server counts it, and waits for its client.
enum BackpressureCheck {
  /// Turns on one connection: few enough that its window lets each one begin.
  static let turnsPerConnection = 8
  /// The tone engine is done with a whole reply before a busy event loop notices that nobody reads: its turns begin one
  /// after the other. Speech takes its time, and so do they who speak.
  private static func pace(_ status: StatusPage, _ limit: Int) -> Int { status.voice == "tone" ? 1 : limit }

  /// More are not opened by a check.
  static let mostTurns = 500

  private static let crowdPoints: [CheckPoint] = [
    .limitReached, .surplusRefused, .surplusAdvice, .released, .served, .countBack, .servedAgain,
  ]

  static func look(_ run: CheckRun) async throws {
    let status: StatusPage
    do { status = try await StatusPage.read(run) } catch let error as NexyError {
      run.record(.limitReached, expecting: "the limits of /status", .bad(error.message))
      return
    }
    let others = status.running == 0 ? nil : "\(status.running) turns of others run: look when nobody speaks"
    if let reason = run.cannotHold ?? others {
      for point in crowdPoints { run.record(point, expecting: "the limits of /status", .skipped(reason)) }
      if others != nil { return }
    } else if let limit = status.turns, (1...mostTurns).contains(limit) {
      try await CrowdLook(run: run, limit: limit, pace: pace(status, limit)).look()
    } else {
      run.record(.limitReached, expecting: "a limit up to \(mostTurns)", .bad("/status tells none"))
    }
    await SingleLimits(run: run, status: status).look()
  }
}
