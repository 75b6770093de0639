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
  private static let singlePoints: [CheckPoint] = [.deviceLimit, .sessionLimit, .rateLimit, .idleLimit]

  static func look(_ run: CheckRun) async throws {
    let status: StatusPage
    do { status = try await StatusPage.afterOurs(run) } catch let error as NexyError {
      return record(crowdPoints + singlePoints, .bad(error.message), in: run)
    }
    guard status.running == 0 else {
      let reason = "\(status.running) turns of others run: look when nobody speaks"
      return record(crowdPoints + singlePoints, .skipped(reason), in: run)
    }
    try await crowd(run, status)
    await SingleLimits(run: run, status: status).look()
  }

  private static func crowd(_ run: CheckRun, _ status: StatusPage) async throws {
    if let reason = run.cannotHold { return record(crowdPoints, .skipped(reason), in: run) }
    guard let limit = status.turns, limit > 0 else {
      return record(crowdPoints, .bad("/status tells no limit of turns"), in: run)
    }
    guard limit <= mostTurns else {
      let reason = "the limit is \(limit), and a check opens no more than \(mostTurns) turns"
      return record(crowdPoints, .skipped(reason), in: run)
    }
    do {
      try await CrowdLook(run: run, limit: limit, pace: pace(status, limit)).look()
    } catch let error where !(error is CancellationError) {
      try Task.checkCancellation()
      // It may have fallen over under the crowd: what was not seen yet is not well.
      let seen = Set(run.results.map(\.point))
      record(crowdPoints.filter { !seen.contains($0) }, .bad(CheckRun.words(of: error)), in: run)
    }
  }

  private static func record(_ points: [CheckPoint], _ sight: Sight, in run: CheckRun) {
    for point in points { run.record(point, expecting: "the limits of /status", sight) }
  }
}
