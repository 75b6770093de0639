import NexyTestSupport
import Synchronization
import Testing

@testable import NexyProviders

@Suite(.timeLimit(.minutes(1))) struct CallGateTests {
  private let clock = VirtualClock()

  private let holding = Gate()

  /// A gate whose every permit is taken until `holding` opens, and the calls that took them.
  private func fullGate(_ limit: Int) async -> (CallGate, [Task<Void, any Error>]) {
    let gate = CallGate(limit: limit, clock: clock)
    let calls = (0..<limit).map { _ in call(gate) { [holding] in try await holding.wait() } }
    while gate.running < limit { await Task.yield() }
    return (gate, calls)
  }

  private func call(
    _ gate: CallGate, within patience: Duration = .seconds(1), _ work: @escaping @Sendable () async throws -> Void = {}
  ) -> Task<Void, any Error> {
    Task { try await gate.withPermit(within: patience, work) }
  }

  /// Lets everybody through and checks that nobody keeps a permit.
  private func finish(_ gate: CallGate, _ calls: [Task<Void, any Error>]) async throws {
    holding.open()
    for call in calls { try await call.value }
    #expect(gate.running == 0)
    #expect(gate.waiting == 0)
  }

  @Test func `whoever came first goes first`() async throws {
    var (gate, calls) = await fullGate(1)
    let order = Order()
    for number in 1...10 {
      calls.append(call(gate) { order.append(number) })
      while gate.waiting < number { await Task.yield() }
    }
    try await finish(gate, calls)
    #expect(order.numbers == Array(1...10))
  }

  private final class Order: Sendable {
    private let state = Mutex([Int]())
    var numbers: [Int] { state.withLock { $0 } }
    func append(_ number: Int) { state.withLock { $0.append(number) } }
  }

  @Test func `who waits too long is told so, and the others still get their turn`() async throws {
    var (gate, calls) = await fullGate(1)
    let late = call(gate, within: .seconds(2)) { Issue.record("it was let in") }
    while gate.waiting < 1 { await Task.yield() }
    calls.append(call(gate, within: .seconds(60)))
    await clock.waitForSleepers(2)
    clock.advance(by: .seconds(2))
    let fault = await #expect(throws: ProviderFault.self) { try await late.value }
    #expect(fault?.kind == .overloaded)
    try await finish(gate, calls)
  }

  @Test func `a queue of ten times the limit refuses the next`() async throws {
    var (gate, calls) = await fullGate(2)
    for _ in 1...20 { calls.append(call(gate)) }
    while gate.waiting < 20 { await Task.yield() }
    let fault = await #expect(throws: ProviderFault.self) { try await gate.withPermit(within: .seconds(1)) {} }
    #expect(fault?.kind == .overloaded)
    try await finish(gate, calls)
  }

  @Test func `who is cancelled leaves the queue`() async throws {
    let (gate, calls) = await fullGate(1)
    let waiter = call(gate) { Issue.record("it was let in") }
    while gate.waiting < 1 { await Task.yield() }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(gate.waiting == 0)
    try await finish(gate, calls)
  }

  @Test func `work that throws gives its permit back`() async {
    let gate = CallGate(limit: 1, clock: clock)
    for _ in 1...3 {
      await #expect(throws: ProviderFault.self) {
        try await gate.withPermit(within: .seconds(1)) { throw ProviderFault(.failing, "") }
      }
    }
    #expect(gate.running == 0)
  }

  @Test func `no order of ends and cancellations loses a permit`() async {
    for seed in 0..<1000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let limit = Int.random(in: 1...3, using: &random)
      let gate = CallGate(limit: limit, clock: clock)
      let inside = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          let (before, during) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))
          let (fails, isCancelled) = (Bool.random(using: &random), Bool.random(using: &random))
          group.addTask {
            let call = Task {
              try await gate.withPermit(within: .seconds(1)) {
                inside.add()
                #expect(gate.running <= limit)
                for _ in 0..<during { await Task.yield() }
                if fails { throw ProviderFault(.failing, "") }
              }
            }
            for _ in 0..<before { await Task.yield() }
            if isCancelled { call.cancel() }
            _ = await call.result
          }
        }
        if Bool.random(using: &random) { clock.advance(by: .seconds(1)) }
      }
      #expect(gate.running == 0, "seed \(seed)")
      #expect(gate.waiting == 0, "seed \(seed)")
    }
  }
}
