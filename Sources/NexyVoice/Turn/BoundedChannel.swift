import Synchronization

/// A queue between two stages of a turn: what is sent first comes out first, a full queue makes its senders wait, and
/// whoever waits gives up when its task is cancelled.
///
/// One task receives; any may send. Elements that were sent before `finish` are still received after it.
final class BoundedChannel<Element: Sendable>: Sendable {
  private let state: Mutex<State>

  /// - Parameter limit: How much weight may wait before `waitForRoom` suspends.
  init(limit: Int) { state = Mutex(State(limit: limit)) }

  /// Adds an element without waiting; follow with `waitForRoom`, outside any lock.
  func push(_ element: Element, weight: Int = 1) {
    state.withLock { $0.push(element, weight: weight) }?.resume(returning: element)
  }

  /// Returns once less than the limit waits.
  func waitForRoom() async throws {
    if state.withLock({ $0.hasRoom }) { return }
    let id = state.withLock { $0.nextID() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
        if state.withLock({ !$0.park(sender: waiter, id: id, cancelled: Task.isCancelled) }) {
          if Task.isCancelled { waiter.resume(throwing: CancellationError()) } else { waiter.resume() }
        }
      }
    } onCancel: {
      state.withLock { $0.senders.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }

  func send(_ element: Element, weight: Int = 1) async throws {
    push(element, weight: weight)
    try await waitForRoom()
  }

  /// The next element, or nil after the last; throws what `finish` was given.
  func next() async throws -> Element? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Element?, any Error>) in
        let (result, senders) = state.withLock { $0.take(orPark: waiter, cancelled: Task.isCancelled) }
        for sender in senders { sender.resume() }
        if let result { waiter.resume(with: result) }
      }
    } onCancel: {
      state.withLock { $0.receiver.take() }?.resume(throwing: CancellationError())
    }
  }

  /// No more elements will come; the first call decides.
  func finish(throwing error: (any Error)? = nil) {
    let (receiver, senders) = state.withLock { $0.finish(error) }
    for sender in senders { sender.resume() }
    if let error { receiver?.resume(throwing: error) } else { receiver?.resume(returning: nil) }
  }
}

extension BoundedChannel {
  private enum End {
    case open
    case finished((any Error)?)
  }

  private struct State {
    let limit: Int
    var elements: [(element: Element, weight: Int)] = []
    var weight = 0
    var end = End.open
    var receiver: CheckedContinuation<Element?, any Error>?
    var senders: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var lastID = 0

    init(limit: Int) { self.limit = limit }

    var hasRoom: Bool {
      if case .finished = end { return true }
      return weight < limit
    }

    mutating func nextID() -> Int {
      lastID += 1
      return lastID
    }

    /// Hands the element to a waiting receiver by returning it, or keeps it.
    mutating func push(_ element: Element, weight: Int) -> CheckedContinuation<Element?, any Error>? {
      guard case .open = end else { return nil }
      if let receiver = receiver.take() { return receiver }
      elements.append((element, weight))
      self.weight += weight
      return nil
    }

    /// Keeps a sender waiting, unless it need not or must not.
    mutating func park(sender: CheckedContinuation<Void, any Error>, id: Int, cancelled: Bool) -> Bool {
      guard !hasRoom, !cancelled else { return false }
      senders[id] = sender
      return true
    }

    mutating func take(
      orPark waiter: CheckedContinuation<Element?, any Error>, cancelled: Bool
    ) -> (Result<Element?, any Error>?, [CheckedContinuation<Void, any Error>]) {
      if cancelled { return (.failure(CancellationError()), []) }
      if !elements.isEmpty {
        let first = elements.removeFirst()
        weight -= first.weight
        return (.success(first.element), hasRoom ? takeSenders() : [])
      }
      switch end {
      case .finished(nil): return (.success(nil), [])
      case .finished(let error?): return (.failure(error), [])
      case .open:
        precondition(receiver == nil, "one task receives from a channel")
        receiver = waiter
        return (nil, [])
      }
    }

    mutating func finish(
      _ error: (any Error)?
    ) -> (CheckedContinuation<Element?, any Error>?, [CheckedContinuation<Void, any Error>]) {
      guard case .open = end else { return (nil, []) }
      end = .finished(error)
      return (receiver.take(), takeSenders())
    }

    private mutating func takeSenders() -> [CheckedContinuation<Void, any Error>] {
      defer { senders = [:] }
      return Array(senders.values)
    }
  }
}
