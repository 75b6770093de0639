import Synchronization

/// A result that one task waits for and another brings, in either order; the first that is brought counts.
final class Handover<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Value, any Error>)
    case brought(Result<Value, any Error>)
  }

  private let state = Mutex(State.empty)

  func bring(_ result: Result<Value, any Error>) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      switch state {
      case .empty:
        state = .brought(result)
        return nil
      case .awaited(let waiter):
        state = .brought(result)
        return waiter
      case .brought:
        return nil
      }
    }
    waiter?.resume(with: result)
  }

  /// Returns once something was brought; one task waits, and not for its own cancellation.
  func wait() async throws -> Value {
    try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Value, any Error>) in
      let brought = state.withLock { state -> Result<Value, any Error>? in
        if case .brought(let result) = state { return result }
        state = .awaited(waiter)
        return nil
      }
      if let brought { waiter.resume(with: brought) }
    }
  }
}
