import Synchronization

/// Holds all who wait until it is opened, once and for good.
final class Latch: Sendable {
  private enum State {
    case closed(waiting: [Int: CheckedContinuation<Void, Never>], next: Int)
    case open
  }

  private let state = Mutex(State.closed(waiting: [:], next: 0))

  func open() {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard case .closed(let waiting, _) = state else { return [] }
      state = .open
      return Array(waiting.values)
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when it is open, or when the task is cancelled.
  func wait() async {
    let number = state.withLock { state -> Int in
      guard case .closed(let waiting, let next) = state else { return 0 }
      state = .closed(waiting: waiting, next: next + 1)
      return next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isFree = state.withLock { state -> Bool in
          guard case .closed(var waiting, let next) = state, !Task.isCancelled else { return true }
          waiting[number] = continuation
          state = .closed(waiting: waiting, next: next)
          return false
        }
        if isFree { continuation.resume() }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
        guard case .closed(var waiting, let next) = state else { return nil }
        defer { state = .closed(waiting: waiting, next: next) }
        return waiting.removeValue(forKey: number)
      }
      continuation?.resume()
    }
  }
}
