import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite(.timeLimit(.minutes(1))) struct ModelChainCancellationTests {
  private let clock = VirtualClock()

  private func link(_ model: FakeModel, _ breaker: CircuitBreaker, _ gate: CallGate) -> ModelChain.Link {
    .init(model, name: "a", breaker: breaker, gate: gate)
  }

  /// An open breaker whose time is over.
  private func waitingForProbe() throws -> CircuitBreaker {
    let breaker = CircuitBreaker(clock: clock)
    let pass = try #require(breaker.enter().pass)
    _ = breaker.leave(pass, .failed(ProviderFault(.keyInvalid, "")))
    clock.advance(by: .seconds(300))
    return breaker
  }

  @Test func `a cancelled probe gives its place and its permit back`() async throws {
    let breaker = try waitingForProbe()
    let gate = CallGate(limit: 1, clock: clock)
    let asked = Gate()
    let hanging = FakeModel { _, _ in
      asked.open()
      try await Gate().wait()
    }
    let offline = Outcomes([.says("unasked")])
    let chain = ModelChain([link(hanging, breaker, gate), .init(FakeModel(offline))], clock: clock) { _ in }
    let task = Task { try await chain.reply(to: .example) { _ in } }
    try await asked.wait()
    #expect(breaker.refusal != nil)
    #expect(gate.running == 1)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(breaker.refusal == nil)
    #expect(breaker.state.word == "half_open")
    #expect(gate.running == 0)
    #expect(offline.calls == 0)
  }

  @Test func `a listener that leaves is no fault and asks nobody else`() async throws {
    struct Left: Error {}
    let breaker = CircuitBreaker(BreakerRules(threshold: 1), clock: clock)
    let gate = CallGate(limit: 1, clock: clock)
    let offline = Outcomes([.says("unasked")])
    let chain = ModelChain(
      [link(FakeModel(pieces: ["It", "is"]), breaker, gate), .init(FakeModel(offline))], clock: clock
    ) { _ in }
    await #expect(throws: Left.self) { try await chain.reply(to: .example) { _ in throw Left() } }
    #expect(breaker.state == .closed)
    #expect(gate.running == 0)
    #expect(offline.calls == 0)
  }

  @Test func `cancellation ends a wait for the next attempt`() async throws {
    let outcomes = Outcomes([.fails(.overloaded)])
    let chain = ModelChain([.init(FakeModel(outcomes))], clock: clock) { _ in }
    let task = Task { try await chain.reply(to: .example) { _ in } }
    await clock.waitForSleepers(1)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(outcomes.calls == 1)
  }

  @Test func `a probe whose listener is slow lets others through once its answer has begun`() async throws {
    let breaker = try waitingForProbe()
    let gate = CallGate(limit: 2, clock: clock)
    let chain = ModelChain([link(FakeModel(pieces: ["It is."]), breaker, gate)], clock: clock) { _ in }
    let (held, release) = (Gate(), Gate())
    async let slow: Void = chain.reply(to: .example) { _ in
      held.open()
      try await release.wait()
    }
    try await held.wait()
    try await chain.reply(to: .example) { _ in }
    release.open()
    try await slow
    #expect(breaker.state == .closed)
  }

  @Test func `no order of answers, faults and cancellations loses a permit or the probe`() async throws {
    for seed in 0..<1000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let breaker = CircuitBreaker(BreakerRules(threshold: 2, timeout: .seconds(1)), clock: clock)
      let gate = CallGate(limit: Int.random(in: 1...2, using: &random), clock: clock)
      var budgets = CallBudgets.model
      (budgets.attempts, budgets.queue, budgets.first) = (1, .seconds(3600), .seconds(3600))
      await withTaskGroup(of: Void.self) { [budgets] group in
        for _ in 0..<6 {
          let (thinking, patience) = (Int.random(in: 0..<8, using: &random), Int.random(in: 0..<8, using: &random))
          let end = Int.random(in: 0..<4, using: &random)
          let model = FakeModel { _, emit in
            for _ in 0..<thinking { await Task.yield() }
            switch end {
            case 0: try await emit(.text("Yes."))
            case 1: throw ProviderFault(.failing, "")
            case 2: try await Gate().wait()
            default:
              try await emit(.text("It"))
              throw ProviderFault(.cutOff, "")
            }
          }
          let chain = ModelChain(
            [.init(model, name: "a", breaker: breaker, gate: gate, budgets: budgets)], clock: clock
          ) { _ in }
          let isCancelled = end == 2 || Bool.random(using: &random)
          group.addTask {
            let task = Task { try await chain.reply(to: .example) { _ in } }
            for _ in 0..<patience { await Task.yield() }
            if patience == 1 { clock.advance(by: .seconds(1)) }
            if isCancelled { task.cancel() }
            _ = await task.result
          }
        }
      }
      #expect(gate.running == 0, "seed \(seed)")
      #expect(gate.waiting == 0, "seed \(seed)")
      clock.advance(by: .seconds(1))
      #expect(breaker.enter().pass != nil, "seed \(seed)")
    }
  }
}
