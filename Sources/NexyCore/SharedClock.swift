import HeapModule
import Synchronization

/// Real time, as `ContinuousClock` has it, with one timer of the system's for all who sleep.
///
/// A turn is guarded by waits that hardly ever come to their end. Each sleep of Swift's own is a timer of the system's,
/// which stays until it is due though its sleeper was cancelled long before; here it is an entry in a heap.
package struct SharedClock: Clock {
  package typealias Instant = ContinuousClock.Instant

  private static let sleepers = Sleepers()

  package init() {}

  package var now: Instant { ContinuousClock.now }
  package var minimumResolution: Duration { ContinuousClock().minimumResolution }

  /// - Parameter tolerance: Not used: nobody is woken early, and late only by what the system takes.
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    try await Self.sleepers.sleep(until: deadline)
  }
}

/// All who sleep, and the timer that wakes the next of them.
private final class Sleepers: Sendable {
  private typealias Sleeper = CheckedContinuation<Void, any Error>

  private struct Due: Comparable {
    let deadline: SharedClock.Instant
    let number: UInt64

    static func < (one: Due, other: Due) -> Bool { (one.deadline, one.number) < (other.deadline, other.number) }
  }

  private struct State {
    /// Those who were cancelled are taken out of `sleepers` alone, at first.
    var dues = Heap<Due>()
    var sleepers: [UInt64: (deadline: SharedClock.Instant, sleeper: Sleeper)] = [:]
    var lastNumber: UInt64 = 0
    /// What the timer is set to.
    var alarm: SharedClock.Instant?
  }

  /// Entries of cancelled sleepers that are not worth a clean-up.
  private static let spare = 1_024

  /// A timer that a nearer deadline has overtaken stays until it is due, so none is set further ahead.
  private static let reach = Duration.seconds(1)

  private let state = Mutex(State())

  func sleep(until deadline: SharedClock.Instant) async throws {
    try Task.checkCancellation()
    guard deadline > .now else { return }
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { sleeper in
        let isCancelled = state.withLock { state in
          // The handler below has run already, or waits for this lock and finds the sleeper.
          guard !Task.isCancelled else { return true }
          state.dues.insert(Due(deadline: deadline, number: number))
          state.sleepers[number] = (deadline, sleeper)
          setTimer(&state)
          return false
        }
        if isCancelled { sleeper.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let entry = state.withLock { state in
        defer { Self.tidy(&state) }
        return state.sleepers.removeValue(forKey: number)
      }
      entry?.sleeper.resume(throwing: CancellationError())
    }
  }

  private func wake(_ alarm: SharedClock.Instant) {
    let woken = state.withLock { state in
      var woken: [Sleeper] = []
      // A timer that was overtaken.
      guard state.alarm == alarm else { return woken }
      let now = SharedClock.Instant.now
      state.alarm = nil
      while let next = state.dues.min, next.deadline <= now {
        state.dues.removeMin()
        if let entry = state.sleepers.removeValue(forKey: next.number) { woken.append(entry.sleeper) }
      }
      setTimer(&state)
      return woken
    }
    for sleeper in woken { sleeper.resume() }
  }

  /// The task is no child of the sleeper's, which may be cancelled while others still wait for the timer; it ends within
  /// the reach.
  private func setTimer(_ state: inout State) {
    guard let next = state.dues.min?.deadline, state.alarm.map({ next < $0 }) ?? true else { return }
    let alarm = min(next, .now + Self.reach)
    state.alarm = alarm
    Task.detached(priority: .high) {
      try? await ContinuousClock().sleep(until: alarm)
      self.wake(alarm)
    }
  }

  private static func tidy(_ state: inout State) {
    guard state.dues.count > 2 * state.sleepers.count + spare else { return }
    state.dues = Heap(state.sleepers.map { Due(deadline: $1.deadline, number: $0) })
  }
}
