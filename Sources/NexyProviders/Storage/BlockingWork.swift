import Dispatch
import Synchronization

/// Work that blocks its thread, as a task sees it.
enum BlockingWork {
  /// Runs work on a queue; a caller that is cancelled stops waiting at once, and the work goes on without it.
  static func run<Value: Sendable>(
    on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let wait = CancellableWait<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        wait.begin(continuation)
        queue.async { wait.end(Result { try work() }) }
      }
    } onCancel: {
      wait.end(.failure(CancellationError()))
    }
  }
}

/// A continuation that is resumed once, by whoever comes first.
private final class CancellableWait<Value: Sendable>: Sendable {
  private enum State {
    case idle
    case waiting(CheckedContinuation<Value, any Error>)
    case ended
  }

  private let state = Mutex(State.idle)

  func begin(_ continuation: CheckedContinuation<Value, any Error>) {
    let isLate = state.withLock { state in
      if case .ended = state { return true }
      state = .waiting(continuation)
      return false
    }
    if isLate { continuation.resume(throwing: CancellationError()) }
  }

  func end(_ result: Result<Value, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      defer { state = .ended }
      if case .waiting(let continuation) = state { return continuation }
      return nil
    }
    continuation?.resume(with: result)
  }
}
