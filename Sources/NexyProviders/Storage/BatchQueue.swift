/// What a `BatchWriter` still has to write, and what comes next; decides, and writes nothing itself.
struct BatchQueue<Element: Sendable> {
  typealias Waiter = CheckedContinuation<Void, any Error>

  private struct Entry {
    let element: Element
    /// Who waits for the next try; nil where nobody does, and tries go on.
    let waiter: Waiter?
    let beat: Int
  }

  /// Whom a write's outcome concerns.
  struct Settlement {
    var waiters: [Waiter]
    var loss: BatchLoss?
    /// Whether nothing is lost any more, after something was.
    var hasRecovered = false
  }

  private let limits: BatchLimits
  private var waiting: [Entry] = []
  private var underWay: [Entry] = []
  private var beat = 0
  private var isStarted = false
  private var isFailing = false
  private var isLosing = false
  private var unreported = 0

  init(limits: BatchLimits) { self.limits = limits }

  /// Everything that is not written yet, oldest first.
  var elements: [Element] { (underWay + waiting).map(\.element) }

  private var isFull: Bool { waiting.count + underWay.count >= limits.queue }

  /// Queues an element.
  ///
  /// - Returns: Whether writing has to be started; nil when the queue is full.
  mutating func add(_ element: Element, waiter: Waiter? = nil) -> Bool? {
    guard !isFull else { return nil }
    waiting.append(Entry(element: element, waiter: waiter, beat: beat))
    // Somebody waits, so this one is tried even where the last try failed.
    if waiter != nil { isFailing = false }
    return start()
  }

  /// Counts an element that found no room; a loss is returned once, until writing works again.
  mutating func refuse() -> BatchLoss? { lose(1, cause: BatchQueueFull()) }

  /// A moment passed: what failed may be tried again.
  ///
  /// - Returns: Whether writing has to be started.
  mutating func nextBeat() -> Bool {
    beat += 1
    isFailing = false
    return start()
  }

  /// Lets the next `begin` try what failed before.
  mutating func tryAgain() { isFailing = false }

  /// The next elements to write together; nil when there is nothing to do now.
  mutating func begin() -> [Element]? {
    guard !isFailing, !waiting.isEmpty else {
      isStarted = false
      return nil
    }
    underWay = Array(waiting.prefix(limits.batch))
    waiting.removeFirst(underWay.count)
    return underWay.map(\.element)
  }

  /// The write that `begin` began is over: all of it is written, or nothing.
  ///
  /// A failure is one for everybody who waits; the others' elements go back to the front of the queue.
  mutating func end(_ failure: (any Error)?) -> Settlement {
    defer { underWay = [] }
    guard let failure else {
      let hasRecovered = isLosing && waiting.isEmpty
      return Settlement(
        waiters: underWay.compactMap(\.waiter), loss: waiting.isEmpty ? recovered() : nil, hasRecovered: hasRecovered)
    }
    isFailing = true
    let all = underWay + waiting
    let unwatched = all.filter { $0.waiter == nil }
    waiting = unwatched.filter { beat - $0.beat < limits.tries }
    return Settlement(
      waiters: all.compactMap(\.waiter), loss: lose(unwatched.count - waiting.count, cause: failure))
  }

  /// Takes elements out that nobody waits for.
  mutating func remove(where isUnwanted: (Element) -> Bool) -> [Element] {
    let removed = waiting.filter { $0.waiter == nil && isUnwanted($0.element) }
    waiting.removeAll { $0.waiter == nil && isUnwanted($0.element) }
    return removed.map(\.element)
  }

  /// The end: what could not be written is lost.
  mutating func giveUp() -> BatchLoss? {
    unreported += remove { _ in true }.count
    return recovered()
  }

  private mutating func start() -> Bool {
    guard !isFailing, !isStarted, !waiting.isEmpty else { return false }
    isStarted = true
    return true
  }

  private mutating func lose(_ count: Int, cause: any Error) -> BatchLoss? {
    guard count > 0 else { return nil }
    guard !isLosing else {
      unreported += count
      return nil
    }
    isLosing = true
    return BatchLoss(count: count, cause: cause)
  }

  private mutating func recovered() -> BatchLoss? {
    defer { (isLosing, unreported) = (false, 0) }
    return unreported > 0 ? BatchLoss(count: unreported, cause: nil) : nil
  }
}

/// What a `BatchWriter` may take.
package struct BatchLimits: Sendable {
  /// Elements that may wait to be written.
  package var queue: Int
  /// Elements of one write.
  package var batch: Int
  /// For how many beats of `BatchWriter.run` an element is tried again.
  package var tries: Int

  package init(queue: Int = 10_000, batch: Int = 1_000, tries: Int = 30) {
    self.queue = queue
    self.batch = batch
    self.tries = tries
  }
}

/// Elements that are not written and never will be.
struct BatchLoss: Sendable {
  var count: Int
  /// Why the first of them was lost; nil for those that followed it.
  var cause: (any Error)?
}

/// More waits to be written than may.
struct BatchQueueFull: Error {}
