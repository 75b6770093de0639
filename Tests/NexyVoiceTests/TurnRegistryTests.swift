import NexyCore
import NexyTestSupport
import Testing

@testable import NexyVoice

extension TurnSlot.Owner {
  static func owner(_ device: String, _ session: Int = 1) -> TurnSlot.Owner {
    TurnSlot.Owner(
      device: DeviceID(device)!, session: SessionID("3f2b8c1e-8f60-4a9b-9d55-\(100_000_000_000 + session)")!)
  }
}

extension TurnRegistry {
  /// What an attempt to get a slot comes to: "in", or the error's text.
  fileprivate func outcome(for owner: TurnSlot.Owner?) async -> String {
    do {
      return try await withSlot(for: owner) { _ in "in" }
    } catch {
      return (error as? NexyError)?.message ?? "\(error)"
    }
  }

  /// Holds one slot for each owner while `body` runs.
  fileprivate func holding(
    _ owners: [TurnSlot.Owner?], _ body: ([TurnSlot]) async throws -> Void, _ slots: [TurnSlot] = []
  ) async throws {
    guard let owner = owners.first else { return try await body(slots) }
    try await withSlot(for: owner) { slot in
      try await holding(Array(owners.dropFirst()), body, slots + [slot])
    }
  }
}

@Suite struct TurnRegistryTests {
  @Test func `a turn beyond the limit is refused in the words that clients know, and a free slot is taken`()
    async throws
  {
    let registry = TurnRegistry(limits: TurnLimits(turns: 2))
    try await registry.holding([.owner("a", 1), .owner("b", 2)]) { _ in
      let refusal = await registry.outcome(for: .owner("c", 3))
      #expect(
        refusal == "STREAM_LIMIT_EXCEEDED: Maximum concurrent streams (2) reached. Current active: 2")
    }
    #expect(await registry.outcome(for: .owner("c", 3)) == "in")
    #expect(registry.count == 0)
  }

  @Test func `welcomes are bounded beside the turns and take none of their slots`() async throws {
    let registry = TurnRegistry(limits: TurnLimits(turns: 2))
    try await registry.holding([nil, nil, .owner("a", 1)]) { _ in
      #expect(registry.turnCount == 1)
      #expect(await registry.outcome(for: nil).hasPrefix("STREAM_LIMIT_EXCEEDED"))
      #expect(await registry.outcome(for: .owner("b", 2)) == "in")
    }
  }

  @Test func `a session that runs is refused, and its refusal frees nothing`() async throws {
    let registry = TurnRegistry(limits: TurnLimits(turns: 5))
    try await registry.holding([.owner("a", 1)]) { _ in
      for device in ["a", "b"] {
        #expect(
          await registry.outcome(for: .owner(device, 1))
            == "Concurrent request for session_id=3f2b8c1e-8f60-4a9b-9d55-100000000001 is not allowed")
      }
      #expect(registry.turnCount == 1)
    }
    #expect(await registry.outcome(for: .owner("a", 1)) == "in")
  }

  @Test(arguments: [(4, 3, "in"), (4, 4, "Concurrent request for hardware_id=a is not allowed"), (1, 1, "Concurrent")])
  func `a device has its own limit`(_ limit: Int, _ running: Int, _ outcome: String) async throws {
    let registry = TurnRegistry(limits: TurnLimits(turns: 50, turnsPerDevice: limit))
    try await registry.holding((1...running).map { .owner("a", $0) }) { _ in
      #expect(await registry.outcome(for: .owner("a", 99)).hasPrefix(outcome))
      #expect(await registry.outcome(for: .owner("b", 98)) == "in")
    }
  }

  @Test func `a refused device is told which sessions run, the oldest first`() async throws {
    let registry = TurnRegistry(limits: TurnLimits(turnsPerDevice: 2))
    try await registry.holding([.owner("a", 2), .owner("a", 1)]) { _ in
      let refusal = await registry.outcome(for: .owner("a", 3))
      #expect(refusal.contains("['3f2b8c1e-8f60-4a9b-9d55-100000000002', '3f2b8c1e-8f60-4a9b-9d55-100000000001']"))
    }
  }

  @Test func `a turn that was stopped no longer stands in its device's way, but keeps its slot`() async throws {
    let registry = TurnRegistry(limits: TurnLimits(turns: 2, turnsPerDevice: 1))
    try await registry.holding([.owner("a", 1)]) { slots in
      slots[0].interruption.trip(.clientLeft)
      #expect(await registry.outcome(for: .owner("a", 1)) == "in")
      try await registry.holding([.owner("a", 2)]) { _ in
        #expect(await registry.outcome(for: .owner("b", 3)).hasPrefix("STREAM_LIMIT_EXCEEDED"))
      }
    }
  }

  @Test func `a turn is let in when one of its own device leaves in the same moment`() async throws {
    let registry = TurnRegistry(limits: TurnLimits(turns: 1, turnsPerDevice: 1))
    for (running, next) in [(1, 1), (1, 2)] {
      let gate = Gate()
      async let first: Void = registry.withSlot(for: .owner("a", running)) { _ in try await gate.wait() }
      while registry.count == 0 { await Task.yield() }
      async let second = registry.outcome(for: .owner("a", next))
      // The second has been refused by now and waits.
      try await Task.sleep(for: .milliseconds(20))
      gate.open()
      try await first
      #expect(await second == "in")
    }
  }

  @Test func `a server that stops lets nobody in`() async throws {
    let registry = TurnRegistry()
    registry.beginDraining()
    #expect(await registry.outcome(for: .owner("a")) == NexyError.shuttingDown.message)
    #expect(await registry.outcome(for: nil) == NexyError.shuttingDown.message)
  }

  @Test func `an interrupt stops the turns of one device and nothing else`() async throws {
    let registry = TurnRegistry()
    try await registry.holding([.owner("mine", 1), .owner("other", 2)]) { slots in
      #expect(registry.interrupt(DeviceID("mine")!).count == 1)
      #expect(registry.interrupt(DeviceID("nobody")!) == [])
      #expect(slots.map(\.interruption.isTripped) == [true, false])
    }
  }

  @Test func `many who come at once get as many slots as there are`() async {
    let registry = TurnRegistry(limits: TurnLimits(turns: 50))
    let (gate, admitted) = (Gate(), Counter())
    let refused = await withTaskGroup(of: Bool.self) { group in
      for number in 1...500 {
        group.addTask {
          do {
            try await registry.withSlot(for: .owner("mac-\(number)", number)) { _ in
              admitted.add()
              try await gate.wait()
            }
            return false
          } catch {
            return true
          }
        }
      }
      var refused = 0
      while refused < 450, let isRefused = await group.next() { refused += isRefused ? 1 : 0 }
      gate.open()
      for await isRefused in group { refused += isRefused ? 1 : 0 }
      return refused
    }
    #expect(refused == 450)
    #expect(admitted.value == 50)
    #expect(registry.count == 0)
  }

  @Test func `only the first reason counts`() async {
    let interruption = Interruption()
    interruption.trip(.interrupted)
    interruption.trip(.shuttingDown)
    do {
      try await interruption.guarding { try await Gate().wait() }
    } catch {
      #expect((error as? NexyError)?.code == .interrupted)
    }
  }
}

@Suite struct TurnLimitTests {
  private static let limits = TurnLimits(total: .seconds(300), idle: .seconds(60))

  /// Seconds at which something moved, and when and why the turn must end.
  private static let turns: [(moves: [Int], end: Int, code: NexyError.Code)] = [
    ([], 60, .turnIdle), ([10], 70, .turnIdle), ([50, 100], 160, .turnIdle), ([59, 118], 178, .turnIdle),
    (Array(stride(from: 30, to: 300, by: 30)), 300, .turnTimedOut),
  ]

  @Test(arguments: turns)
  func `a turn ends when it is due and not before`(_ moves: [Int], _ end: Int, _ code: NexyError.Code) async throws {
    let clock = VirtualClock()
    let registry = TurnRegistry(limits: Self.limits, clock: clock)
    try await registry.withSlot(for: .owner("a")) { slot in
      for second in 1...end {
        #expect(slot.overdue(under: Self.limits) == nil, "second \(second - 1)")
        clock.advance(by: .seconds(1))
        if moves.contains(second) { slot.moved() }
      }
      #expect(slot.overdue(under: Self.limits)?.code == code)
    }
  }

  @Test func `a turn that stands still is stopped with the reason`() async throws {
    let clock = VirtualClock()
    let registry = TurnRegistry(limits: Self.limits, clock: clock)
    let watch = Task { await registry.enforceLimits() }
    let time = clock.runs(by: .milliseconds(250))
    defer {
      time.cancel()
      watch.cancel()
    }
    let model = FakeModel { _, emit in
      try await emit(.text("A first sentence comes out. "))
      try await Gate().wait()
    }
    let log = EventLog()
    let report = try await registry.withSlot(for: .owner("a")) { slot in
      await Turn(model: model, synthesizer: FakeSynthesizer(), rules: Turn.Rules(), clock: clock)
        .run(.asking("tell me"), interruption: slot.interruption, emit: log.emit)
    }
    #expect(report.failure?.code == .turnIdle)
    #expect(log.outline.last == "failed stream_idle_timeout")
  }
}
