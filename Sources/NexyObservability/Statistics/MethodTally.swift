/// Numbers of the decisions that mean something to the statistics, in the order of a `LogStatistics`' words.
///
/// A request begins with `start` and ends with the first line that has one of `ends` and a `dur_ms`.
enum KnownDecision: Int, CaseIterable {
  case start, complete, collectAcknowledged, cancelled, error, abort, reject
  case retry, streamAcquired, streamReleased, streamRejected, rateLimitExceeded

  static let ends = complete.rawValue...reject.rawValue
  static let failures = error.rawValue...reject.rawValue

  var decision: Decision {
    switch self {
    case .start: .start
    case .complete: .complete
    case .collectAcknowledged: .collectAcknowledged
    case .error: .error
    case .abort: .abort
    case .cancelled: .cancelled
    case .reject: .reject
    case .retry: .retry
    case .streamAcquired: .streamAcquired
    case .streamReleased: .streamReleased
    case .streamRejected: .streamRejected
    case .rateLimitExceeded: .rateLimitExceeded
    }
  }

  var word: String { decision.rawValue }
}

/// What was counted of one method.
struct MethodTally {
  /// Lines, by the decision's number.
  var decisions = ContiguousArray<Int>(repeating: 0, count: KnownDecision.allCases.count)
  /// Requests, by the number of the decision that ended them.
  var ends = ContiguousArray<Int>(repeating: 0, count: KnownDecision.ends.upperBound + 1)
  var failures: [Failure: Int] = [:]
  var windows: [Int64: Int] = [:]
  var tallies: ContiguousArray<WindowTally> = []
  private var lastWindow = (start: Int64.min, place: 0)

  /// How a request failed; words by their number.
  struct Failure: Hashable {
    var decision: Int
    var code: Int
    var type: Int
    var kind: Int
  }

  var requests: Int { ends.reduce(0, +) }

  @inline(__always)
  mutating func count(decision: Int) {
    while decisions.count <= decision { decisions.append(0) }
    decisions[decision] &+= 1
  }

  /// Where the window's tally is; lines come in the order of time, so it is mostly that of the line before.
  @inline(__always)
  mutating func place(ofWindow start: Int64) -> Int {
    if lastWindow.start == start { return lastWindow.place }
    let place = windows[start] ?? tallies.count
    if place == tallies.count {
      tallies.append(WindowTally())
      windows[start] = place
    }
    lastWindow = (start, place)
    return place
  }
}

/// What was counted of one method in one window of five minutes.
struct WindowTally {
  static let milliseconds: Int64 = 300_000

  var requests = 0
  var errors = 0
  /// Lines that decide `retry` or `abort`.
  var retriesAndAborts = 0
  /// Of the requests whose latency counts, in milliseconds, unsorted.
  var latencies: ContiguousArray<UInt32> = []

  /// When the window began that holds this moment.
  @inline(__always)
  static func start(of milliseconds: Int64) -> Int64 {
    let rest = milliseconds % Self.milliseconds
    return milliseconds - (rest < 0 ? rest + Self.milliseconds : rest)
  }

  mutating func add(_ other: WindowTally) {
    requests += other.requests
    errors += other.errors
    retriesAndAborts += other.retriesAndAborts
    latencies += other.latencies
  }
}
