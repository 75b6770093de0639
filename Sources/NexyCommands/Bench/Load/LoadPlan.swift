/// A load as it is planned: how many at a time, how long, and who says when the next request begins.
///
/// In a **closed** loop a request begins when the one before it has ended, so that a server that stalls is asked less
/// just while it is slow, and the waits of those who would have come meanwhile are never seen: coordinated omission. It
/// shows what a server can do, and its latencies are service times. In an **open** loop request number n is meant to
/// begin n / rate after the start, whatever the server does, and its latency counts from that moment: a request that
/// finds nobody free to send it begins late, and its lateness is part of its latency. Every request of the schedule
/// is accounted for, those too that could not begin before the run was given up.
struct LoadPlan: Sendable {
  enum Pace: Sendable, Equatable {
    case closed
    /// Requests a second.
    case open(rate: Double)
  }

  var pace = Pace.closed
  /// Requests at the same time, at most.
  var inFlight = 1
  /// What begins so soon is not measured.
  var warmUp = Duration.zero
  /// How long is measured, after the warm-up.
  var measured: Duration

  /// From the start to the last request.
  var length: Duration { warmUp + measured }

  /// When an open loop gives up what is still to begin, after the start: as long again as was measured, or ten seconds.
  var giveUp: Duration { length + max(measured, .seconds(10)) }

  /// When a request of an open loop is meant to begin, after the start; nil after the last one.
  func intendedStart(of number: Int) -> Duration? {
    guard case .open(let rate) = pace else { return nil }
    let start = Duration.seconds(Double(number) / rate)
    return start < length ? start : nil
  }

  /// Whether a request that is meant to begin then is measured.
  func isMeasured(_ start: Duration) -> Bool { start >= warmUp && start < length }
}
