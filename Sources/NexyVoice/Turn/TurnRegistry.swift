import NexyCore
import Synchronization

/// The turns that run now, so that an interrupt and a shutdown find them.
package final class TurnRegistry: Sendable {
  private struct Entry {
    let device: DeviceID?
    let session: SessionID?
    let interruption: Interruption
  }

  private struct State {
    var nextID: UInt64 = 0
    var turns: [UInt64: Entry] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())

  package init() {}

  /// How many turns run now.
  package var count: Int { state.withLock { $0.turns.count } }

  /// Whether the server stops: what runs may finish, nothing new begins.
  package var isDraining: Bool { state.withLock { $0.isDraining } }

  /// The server stops now.
  package func beginDraining() { state.withLock { $0.isDraining = true } }

  /// Keeps a turn findable while `work` runs it; a welcome belongs to no device and no session.
  package func track<Result>(
    _ request: TurnRequest?, _ interruption: Interruption, while work: () async throws -> Result
  ) async rethrows -> Result {
    let id = state.withLock { state in
      state.nextID += 1
      state.turns[state.nextID] = Entry(
        device: request?.device, session: request?.session, interruption: interruption)
      return state.nextID
    }
    defer { state.withLock { _ = $0.turns.removeValue(forKey: id) } }
    return try await work()
  }

  /// Stops every running turn of one device and tells their sessions, the oldest first.
  package func interrupt(_ device: DeviceID, _ reason: NexyError = .interrupted) -> [SessionID] {
    stop(reason) { $0.device == device }
  }

  /// Stops every running turn.
  @discardableResult
  package func interruptAll(_ reason: NexyError) -> [SessionID] {
    stop(reason) { _ in true }
  }

  private func stop(_ reason: NexyError, where matches: (Entry) -> Bool) -> [SessionID] {
    let entries = state.withLock { $0.turns.filter { matches($0.value) } }.sorted { $0.key < $1.key }
    for entry in entries { entry.value.interruption.trip(reason) }
    return entries.compactMap(\.value.session)
  }
}
