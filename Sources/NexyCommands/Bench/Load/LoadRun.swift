import GRPCCore
import NexyCore
import Synchronization

/// Carries out a plan: as many workers as requests may be in flight, each of which sends one after the other.
struct LoadRun<Time: Clock<Duration>>: Sendable {
  /// What a worker waits after a failure, so that a server which refuses is not asked in a tight circle.
  private static var pause: Duration { .milliseconds(10) }

  let plan: LoadPlan
  let clock: Time
  /// The names of the latencies that a request brings, in their order.
  let figures: [String]

  /// - Parameter request: Sends one request for a worker, by its number, and returns the latencies, counted from the
  ///   moment it is given: in an open loop the one the request was meant to begin at.
  func run(_ request: @escaping @Sendable (_ worker: Int, _ from: Time.Instant) async throws -> [Duration]) async throws
    -> LoadTally
  {
    let ledger = LoadLedger(LoadTally(figures: figures, measured: plan.measured))
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<plan.inFlight {
        group.addTask { try await work(worker, start, ledger, request) }
      }
      try await group.waitForAll()
    }
    return ledger.tally
  }

  private func work(
    _ worker: Int, _ start: Time.Instant, _ ledger: LoadLedger,
    _ request: @Sendable (_ worker: Int, _ from: Time.Instant) async throws -> [Duration]
  ) async throws {
    while let intended = try await begin(ledger, start) {
      try Task.checkCancellation()
      let isMeasured = plan.isMeasured(intended)
      if plan.pace != .closed, elapsed(start) > plan.giveUp {
        // It waited that long already: no percentile may look better for its not having been sent.
        if isMeasured { ledger.note { $0.giveUp(after: elapsed(start) - intended) } }
        continue
      }
      do {
        let latencies = try await request(worker, start.advanced(by: intended))
        let isCompleted = plan.isMeasured(elapsed(start))
        ledger.note { $0.take(latencies, isMeasured: isMeasured, isCompleted: isCompleted) }
      } catch {
        try Task.checkCancellation()
        if isMeasured { ledger.note { $0.fail(Self.kind(of: error)) } }
        try await clock.sleep(for: Self.pause)
      }
    }
  }

  private func elapsed(_ start: Time.Instant) -> Duration { start.duration(to: clock.now) }

  /// Waits for a worker's next request; returns when it is meant to begin, and nil when there is none left.
  private func begin(_ ledger: LoadLedger, _ start: Time.Instant) async throws -> Duration? {
    if plan.pace == .closed {
      let now = elapsed(start)
      return now < plan.length ? now : nil
    }
    guard let intended = plan.intendedStart(of: ledger.nextTicket()) else { return nil }
    if elapsed(start) < intended {
      try await clock.sleep(until: start.advanced(by: intended), tolerance: .zero)
    }
    return intended
  }

  private static func kind(of error: any Error) -> String {
    switch error {
    case let error as NexyError: error.code.rawValue
    case let error as RPCError: "\(error.code)"
    default: "failed"
    }
  }
}

/// What the workers of one run share: the next request's number, and what was counted.
private final class LoadLedger: Sendable {
  private let state: Mutex<(tally: LoadTally, tickets: Int)>

  init(_ tally: LoadTally) { state = Mutex((tally, 0)) }

  var tally: LoadTally { state.withLock { $0.tally } }

  func note(_ change: (inout LoadTally) -> Void) { state.withLock { change(&$0.tally) } }

  func nextTicket() -> Int {
    state.withLock { state in
      defer { state.tickets += 1 }
      return state.tickets
    }
  }
}
