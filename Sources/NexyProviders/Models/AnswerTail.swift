import Synchronization

/// The time between a reply's last word and the end of its connection, which may never come.
///
/// Only the waiting for the connection counts: whoever takes the reply may take as long as needed.
final class AnswerTail: Sendable {
  private struct State {
    var waits = 0
    var isWaiting = false
    var hasRunOut = false
  }

  private let state = Mutex(State())
  private let whole: AsyncStream<Void>
  private let wholeIsHere: AsyncStream<Void>.Continuation

  init() { (whole, wholeIsHere) = AsyncStream.makeStream() }

  /// The reply is whole.
  func begin() { wholeIsHere.finish() }

  /// The connection is waited for.
  func beginWait() {
    state.withLock { state in
      state.waits += 1
      state.isWaiting = true
    }
  }

  /// The wait is over; false when it was too long, and what it brought comes too late.
  func endWait() -> Bool {
    state.withLock { state in
      state.isWaiting = false
      return !state.hasRunOut
    }
  }

  /// Returns once a whole reply was waited on for the limit, or for less than twice as long.
  func runOut(after limit: Duration, _ clock: any Clock<Duration>) async throws {
    for await _ in whole {}
    while true {
      let waits = state.withLock { $0.waits }
      try await clock.sleep(for: limit)
      let isOver = state.withLock { state in
        state.hasRunOut = state.isWaiting && state.waits == waits
        return state.hasRunOut
      }
      if isOver { return }
    }
  }
}
