import Dispatch
import Synchronization

/// Group commit: whatever waits is written in one go while callers do something else.
///
/// Writing blocks, so it happens on a dispatch queue of its own and never on a task's thread; cancelling a caller
/// undoes nothing. Without `run` everything works but the tries after a failure.
final class BatchWriter<Element: Sendable>: Sendable {
  private let state: Mutex<BatchQueue<Element>>
  private let queue: DispatchQueue
  private let write: @Sendable ([Element]) throws -> Void
  private let report: @Sendable (BatchLoss) -> Void
  private let onRecovery: @Sendable () -> Void

  /// - Parameters:
  ///   - write: Writes all elements or none; may block.
  ///   - report: Told the first loss at once, and those that followed it together once writing works again.
  ///   - onRecovery: Told that it does.
  init(
    label: String, limits: BatchLimits = BatchLimits(), report: @escaping @Sendable (BatchLoss) -> Void,
    onRecovery: @escaping @Sendable () -> Void = {},
    write: @escaping @Sendable ([Element]) throws -> Void
  ) {
    state = Mutex(BatchQueue(limits: limits))
    queue = DispatchQueue(label: label, qos: .utility)
    self.write = write
    self.report = report
    self.onRecovery = onRecovery
  }

  /// Everything that is not written yet, oldest first.
  var pending: [Element] { state.withLock { $0.elements } }

  /// Queues an element and returns at once; it is tried until it is written or its tries are used up.
  func add(_ element: Element) {
    let (starts, loss) = state.withLock { state -> (Bool, BatchLoss?) in
      guard let starts = state.add(element) else { return (false, state.refuse()) }
      return (starts, nil)
    }
    if starts { queue.async { self.drain() } }
    if let loss { report(loss) }
  }

  /// Returns once the element is written.
  ///
  /// - Throws: What the one try threw, or `BatchQueueFull`; the element is not tried again.
  func keep(_ element: Element) async throws {
    try await withCheckedThrowingContinuation { waiter in
      switch state.withLock({ $0.add(element, waiter: waiter) }) {
      case true?: queue.async { self.drain() }
      case false?: break
      case nil: waiter.resume(throwing: BatchQueueFull())
      }
    }
  }

  /// Returns once everything that was added before was tried once more.
  func flush() async {
    state.withLock { $0.tryAgain() }
    await withCheckedContinuation { waiter in
      queue.async {
        self.drain()
        waiter.resume()
      }
    }
  }

  /// Does something between two writes, without the elements that are unwanted and not yet written.
  ///
  /// - Parameter body: May block; is given what was taken out.
  func alone<Value: Sendable>(
    removing isUnwanted: @escaping @Sendable (Element) -> Bool = { _ in false },
    _ body: @escaping @Sendable ([Element]) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { waiter in
      queue.async {
        let removed = self.state.withLock { $0.remove(where: isUnwanted) }
        waiter.resume(with: Result { try body(removed) })
      }
    }
  }

  /// Writes what waits, and reports what cannot be written as lost.
  func close() async {
    await flush()
    if let loss = state.withLock({ $0.giveUp() }) { report(loss) }
  }

  /// Tries what failed again, a beat after another, until the calling task is cancelled; then closes.
  func run(every beat: Duration = .seconds(1), clock: any Clock<Duration>) async {
    while (try? await clock.sleep(for: beat)) != nil {
      if state.withLock({ $0.nextBeat() }) { queue.async { self.drain() } }
    }
    await close()
  }

  private func drain() {
    while let batch = state.withLock({ $0.begin() }) {
      let outcome = Result { try write(batch) }
      let settlement = state.withLock { $0.end(outcome.failure) }
      for waiter in settlement.waiters { waiter.resume(with: outcome) }
      if let loss = settlement.loss { report(loss) }
      if settlement.hasRecovered { onRecovery() }
    }
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
