import NexyCore
import Synchronization

/// Bounds how many calls of a provider run at the same time; the rest wait in the order they came.
package final class CallGate: Sendable {
  private struct State {
    var running = 0
    var queue: [(id: Int, turn: Handover<Void>)] = []
    var lastID = 0
  }

  /// So many calls may wait for each that may run.
  private static let queueFactor = 10

  private let limit: Int
  private let clock: any Clock<Duration>
  private let state = Mutex(State())

  /// - Parameter limit: Calls at the same time; at least 1.
  package init(limit: Int, clock: any Clock<Duration> = SharedClock()) {
    self.limit = max(1, limit)
    self.clock = clock
  }

  /// How many calls run now.
  package var running: Int { state.withLock { $0.running } }

  /// How many calls wait now.
  package var waiting: Int { state.withLock { $0.queue.count } }

  /// Runs `work` once there is a place for it, and gives the place back however it ends.
  ///
  /// - Parameter patience: How long to wait for a place.
  /// - Throws: `ProviderFault` of kind `overloaded` when there was no place, cancellation, or what `work` threw.
  package func withPermit<Result>(
    within patience: Duration, _ work: () async throws -> Result
  ) async throws -> Result {
    if let place = try takeOrQueue() { try await wait(at: place, patience) }
    defer { release() }
    try Task.checkCancellation()
    return try await work()
  }

  /// Takes a permit, or returns the place in the queue.
  private func takeOrQueue() throws -> (id: Int, turn: Handover<Void>)? {
    try state.withLock { state in
      if state.running < limit {
        state.running += 1
        return nil
      }
      guard state.queue.count < limit * Self.queueFactor else { throw overloaded }
      state.lastID += 1
      let place = (id: state.lastID, turn: Handover<Void>())
      state.queue.append(place)
      return place
    }
  }

  /// Returns with a permit, or throws without one.
  private func wait(at place: (id: Int, turn: Handover<Void>), _ patience: Duration) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        if (try? await clock.sleep(for: patience)) != nil { giveUp(place.id, overloaded) }
      }
      defer { group.cancelAll() }
      try await withTaskCancellationHandler {
        try await place.turn.wait()
      } onCancel: {
        giveUp(place.id, CancellationError())
      }
    }
  }

  /// Whoever takes a place out of the queue decides what becomes of it, so a permit is never given to nobody.
  private func giveUp(_ id: Int, _ error: any Error) {
    let turn = state.withLock { state in
      state.queue.firstIndex { $0.id == id }.map { state.queue.remove(at: $0).turn }
    }
    turn?.bring(.failure(error))
  }

  /// Hands the permit to the next in the queue, if there is one.
  private func release() {
    let next = state.withLock { state -> Handover<Void>? in
      if state.queue.isEmpty {
        state.running -= 1
        return nil
      }
      return state.queue.removeFirst().turn
    }
    next?.bring(.success(()))
  }

  private var overloaded: ProviderFault {
    ProviderFault(
      .overloaded, "All \(limit) calls that may run at the same time are taken; raise MAX_CONCURRENT_REQUESTS.")
  }
}
