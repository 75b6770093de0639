import Dispatch
import NexyTestSupport
import Synchronization
import Testing

@testable import NexyProviders

/// A disk that fails when told so, and stands still when told so.
private final class FakeDisk: Sendable {
  struct Broken: Error {}

  private let batches = Mutex<[[Int]]>([])
  private let failures = Mutex(0)
  private let losses = Mutex<[Int]>([])
  private let recoveries = Mutex(0)
  private let door = DispatchSemaphore(value: 0)

  var written: [[Int]] { batches.withLock { $0 } }
  var lost: [Int] { losses.withLock { $0 } }
  var recovered: Int { recoveries.withLock { $0 } }

  /// The next writes fail.
  func breaks(times: Int = .max) { failures.withLock { $0 = times } }
  func heals() { failures.withLock { $0 = 0 } }

  /// Lets the write of 0 go on, which stands still.
  func open() { door.signal() }

  func writer(limits: BatchLimits = BatchLimits()) -> BatchWriter<Int> {
    BatchWriter(
      label: "test", limits: limits, report: { loss in self.losses.withLock { $0.append(loss.count) } },
      onRecovery: { self.recoveries.withLock { $0 += 1 } },
      write: { batch in
        if batch.contains(0) { self.door.wait() }
        try self.failures.withLock { failures in
          if failures > 0 {
            failures -= 1
            throw Broken()
          }
        }
        self.batches.withLock { $0.append(batch) }
      })
  }
}

@Suite struct BatchWriterTests {
  private let disk = FakeDisk()

  @Test func `what comes during a write is written together, in order`() async throws {
    let writer = disk.writer()
    for number in 0...100 { writer.add(number) }
    disk.open()
    await writer.flush()
    #expect(disk.written.flatMap { $0 } == Array(0...100))
    #expect(disk.written.count <= 2)
  }

  @Test func `one write takes no more than a batch`() async throws {
    let writer = disk.writer(limits: BatchLimits(batch: 10))
    for number in 0...35 { writer.add(number) }
    disk.open()
    await writer.flush()
    #expect(disk.written.allSatisfy { $0.count <= 10 })
    #expect(disk.written.flatMap { $0 } == Array(0...35))
  }

  @Test func `whoever keeps an element returns when it is written`() async throws {
    let writer = disk.writer()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...100 {
        group.addTask {
          try await writer.keep(number)
          #expect(self.disk.written.joined().contains(number))
        }
      }
      try await group.waitForAll()
    }
    #expect(disk.written.flatMap { $0 }.sorted() == Array(1...100))
    #expect(writer.pending.isEmpty)
  }

  @Test func `a caller that is cancelled undoes nothing`() async throws {
    let writer = disk.writer()
    let caller = Task { try await writer.keep(0) }
    caller.cancel()
    disk.open()
    try await caller.value
    #expect(disk.written == [[0]])
  }

  @Test func `a failure is told to whoever waits, and the next try is a new one`() async throws {
    let writer = disk.writer()
    disk.breaks()
    await #expect(throws: FakeDisk.Broken.self) { try await writer.keep(1) }
    disk.heals()
    try await writer.keep(2)
    #expect(disk.written == [[2]])
    #expect(disk.lost.isEmpty)
  }

  /// Runs the writer, beat after beat, until something is so.
  private func run(_ writer: BatchWriter<Int>, until isSo: () -> Bool) async {
    let clock = VirtualClock()
    let service = Task { await writer.run(clock: clock) }
    while !isSo() {
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(1))
      await Task.yield()
    }
    service.cancel()
    await service.value
  }

  @Test func `what nobody waits for is tried with each beat`() async throws {
    let writer = disk.writer(limits: BatchLimits(tries: .max))
    disk.breaks(times: 5)
    writer.add(1)
    await run(writer) { !disk.written.isEmpty }
    #expect(disk.written == [[1]])
    #expect(disk.lost.isEmpty)
  }

  @Test func `what fails too often is lost, and said once; what follows is written`() async throws {
    let writer = disk.writer(limits: BatchLimits(tries: 3))
    disk.breaks()
    for number in 1...3 { writer.add(number) }
    await run(writer) { !disk.lost.isEmpty }
    #expect(disk.lost == [3])
    disk.heals()
    writer.add(4)
    await writer.flush()
    #expect(disk.written == [[4]])
    #expect(writer.pending.isEmpty)
  }

  @Test func `a full queue refuses, says so once, and tells the rest when there is room`() async throws {
    let writer = disk.writer(limits: BatchLimits(queue: 5))
    for number in 0..<12 { writer.add(number) }
    #expect(disk.lost == [1])
    await #expect(throws: BatchQueueFull.self) { try await writer.keep(99) }
    #expect(disk.recovered == 0)
    disk.open()
    await writer.flush()
    #expect(disk.written.flatMap { $0 } == Array(0..<5))
    #expect(disk.lost == [1, 6])
    writer.add(50)
    await writer.flush()
    #expect(disk.recovered == 1)
    #expect(disk.written.last == [50])
  }

  @Test func `what is pending is seen until it is written`() async throws {
    let writer = disk.writer()
    writer.add(0)
    writer.add(1)
    #expect(writer.pending == [0, 1])
    disk.open()
    await writer.flush()
    #expect(writer.pending.isEmpty)
  }

  @Test func `the end writes what waits, and reports what cannot be written`() async throws {
    let writer = disk.writer()
    let service = Task { await writer.run(clock: VirtualClock()) }
    writer.add(1)
    service.cancel()
    await service.value
    #expect(disk.written == [[1]])
    disk.breaks()
    for number in 2...4 { writer.add(number) }
    await writer.close()
    #expect(disk.lost == [3])
    #expect(writer.pending.isEmpty)
  }

  @Test func `between two writes something may be taken out`() async throws {
    let writer = disk.writer()
    disk.breaks()
    for number in 1...6 { writer.add(number) }
    await writer.flush()
    let removed = try await writer.alone(removing: { $0.isMultiple(of: 2) }) { $0 }
    #expect(removed == [2, 4, 6])
    disk.heals()
    await writer.flush()
    #expect(disk.written == [[1, 3, 5]])
  }
}
