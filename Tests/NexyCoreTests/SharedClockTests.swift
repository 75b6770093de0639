import NexyCore
import Synchronization
import Testing

@Suite("The clock that all who sleep share")
struct SharedClockTests {
  private let clock = SharedClock()

  @Test("Nobody wakes before it is time, whoever else sleeps")
  func neverEarly() async throws {
    let began = clock.now
    let early = try await withThrowingTaskGroup(of: Bool.self) { group in
      for milliseconds in [90, 10, 50, 10, 130, 30, 0, 70] {
        group.addTask { [clock] in
          let deadline = began + .milliseconds(milliseconds)
          try await clock.sleep(until: deadline)
          return clock.now < deadline
        }
      }
      return try await group.contains(true)
    }
    #expect(!early)
  }

  @Test("Who comes later and sleeps less wakes all the same", .timeLimit(.minutes(5)))
  func nearer() async throws {
    for milliseconds in [100, 20, 1] {
      let long = Task { [clock] in try await clock.sleep(for: .seconds(86_400)) }
      try await clock.sleep(for: .milliseconds(milliseconds))
      long.cancel()
      await #expect(throws: CancellationError.self) { try await long.value }
    }
  }

  @Test("A cancelled sleeper wakes at once, and the others sleep on", .timeLimit(.minutes(5)))
  func cancelled() async throws {
    let other = Task { [clock] in try await clock.sleep(for: .milliseconds(200)) }
    let sleepers = (0..<3_000).map { _ in Task { [clock] in try await clock.sleep(for: .seconds(86_400)) } }
    for sleeper in sleepers {
      sleeper.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
    }
    try await other.value
  }

  @Test("Who is cancelled already does not sleep", .timeLimit(.minutes(5)))
  func cancelledBefore() async throws {
    let sleeper = Task { [clock] in
      withUnsafeCurrentTask { $0?.cancel() }
      try await clock.sleep(for: .seconds(86_400))
    }
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }

  @Test("Many sleep, are cancelled and wake at the same time, and nobody is forgotten", .timeLimit(.minutes(5)))
  func crowd() async throws {
    let woken = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<4_000 {
        group.addTask { [clock] in
          let sleeper = Task { try await clock.sleep(for: .microseconds(number % 500 * 100)) }
          if number.isMultiple(of: 2) { sleeper.cancel() }
          return await (try? sleeper.value) != nil || number.isMultiple(of: 2)
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(woken == 4_000)
  }

  @Test("A deadline that has passed is no sleep", .timeLimit(.minutes(5)))
  func past() async throws {
    try await clock.sleep(until: clock.now - .seconds(1))
  }
}

private struct Refused: Error {}

@Suite("Work within a limit")
struct WithinTests {
  @Test("Work that ends in time gives its value")
  func inTime() async throws {
    #expect(try await within(.seconds(60)) { 7 } == 7)
  }

  @Test("Work that takes longer is cancelled, and gives nothing", .timeLimit(.minutes(5)))
  func late() async throws {
    let ended = Atomic(false)
    let value = try await within(.milliseconds(10)) {
      defer { ended.store(true, ordering: .relaxed) }
      try await Task.sleep(for: .seconds(86_400))
      return 7
    }
    #expect(value == nil)
    let hasEnded = ended.load(ordering: .relaxed)
    #expect(hasEnded)
  }

  @Test("What the work throws is thrown")
  func thrown() async {
    await #expect(throws: Refused.self) {
      try await within(.seconds(60)) { throw Refused() }
    }
  }

  @Test("Who is cancelled does not wait for the limit", .timeLimit(.minutes(5)))
  func cancelled() async {
    let task = Task { try await within(.seconds(86_400)) { try await Task.sleep(for: .seconds(86_400)) } }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }
}
