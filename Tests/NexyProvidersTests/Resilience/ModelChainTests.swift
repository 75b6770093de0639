import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite(.timeLimit(.minutes(1))) struct ModelChainTests {
  /// Two keys of one provider, another provider, the last resort.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var first: [Outcome] = [.says("unasked")]
    var secondKey: [Outcome] = [.says("unasked")]
    var other: [Outcome] = [.says("unasked")]
    var last: [Outcome] = [.says("unasked")]
    let calls: [Int]
    var said = ""
    var events: [String] = []
    var error: NexyError.Code?
  }

  static let cases = [
    Case(testDescription: "the first answers", first: [.says("Yes.")], calls: [1, 0, 0, 0], said: "Yes."),
    Case(
      testDescription: "a passing fault is tried again", first: [.fails(.overloaded), .says("Yes.")],
      calls: [2, 0, 0, 0], said: "Yes.", events: ["a/1 retry 2 after 250 ms: overloaded"]),
    Case(
      testDescription: "the provider's own delay is kept", first: [.refuses(for: .seconds(3)), .says("Yes.")],
      calls: [2, 0, 0, 0], said: "Yes.", events: ["a/1 retry 2 after 3000 ms: quota"]),
    Case(
      testDescription: "a delay that does not fit goes to the other key",
      first: [.refuses(for: .seconds(5))], secondKey: [.says("Yes.")], calls: [1, 1, 0, 0], said: "Yes.",
      events: ["a/1 opened for 5 s: quota", "a/1 degrade to a/2: quota"]),
    Case(
      testDescription: "a delay longer than a turn opens the breaker as well",
      first: [.refuses(for: .seconds(90))], secondKey: [.says("Yes.")], calls: [1, 1, 0, 0], said: "Yes.",
      events: ["a/1 opened for 90 s: quota", "a/1 degrade to a/2: quota"]),
    Case(
      testDescription: "a revoked key opens at once and the other key answers",
      first: [.fails(.keyInvalid)], secondKey: [.says("Yes.")], calls: [1, 1, 0, 0], said: "Yes.",
      events: ["a/1 opened for 300 s: key_invalid", "a/1 degrade to a/2: key_invalid"]),
    Case(
      testDescription: "what is not the key's fault skips the other key",
      first: [.fails(.modelNotFound)], other: [.says("Yes.")], calls: [1, 0, 1, 0], said: "Yes.",
      events: ["a/1 degrade to b: model_not_found"]),
    Case(
      testDescription: "two attempts, then the next provider",
      first: [.fails(.unreachable)], other: [.says("Yes.")], calls: [2, 0, 1, 0], said: "Yes.",
      events: ["a/1 retry 2 after 250 ms: unreachable", "a/1 degrade to b: unreachable"]),
    Case(
      testDescription: "a request that is refused goes to the next provider at once",
      first: [.fails(.requestRefused)], other: [.says("Yes.")], calls: [1, 0, 1, 0], said: "Yes.",
      events: ["a/1 degrade to b: request_refused"]),
    Case(
      testDescription: "a reply with nothing in it is none", first: [.nothing, .says("Yes.")], calls: [2, 0, 0, 0],
      said: "Yes.", events: ["a/1 retry 2 after 250 ms: empty"]),
    Case(
      testDescription: "an empty text is nothing", first: [.says(""), .says("Yes.")], calls: [2, 0, 0, 0],
      said: "Yes.", events: ["a/1 retry 2 after 250 ms: empty"]),
    Case(
      testDescription: "figures of usage are no reply", first: [.costs(.failing), .says("Yes.")],
      calls: [2, 0, 0, 0], said: "#Yes.", events: ["a/1 retry 2 after 250 ms: failing"]),
    Case(
      testDescription: "any other error is a fault", first: [.crashes, .says("Yes.")], calls: [2, 0, 0, 0],
      said: "Yes.", events: ["a/1 retry 2 after 250 ms: failing"]),
    Case(
      testDescription: "an error of our own is a fault",
      first: [.crashesNamed(NexyError(.modelFailed, "")), .says("Yes.")], calls: [2, 0, 0, 0], said: "Yes.",
      events: ["a/1 retry 2 after 250 ms: failing"]),
    Case(
      testDescription: "what was begun is not begun again", first: [.breaksOff("It is", .cutOff)],
      calls: [1, 0, 0, 0], said: "It is", error: .modelFailed),
    Case(
      testDescription: "a key that is refused in the middle ends the reply",
      first: [.breaksOff("It is", .keyExpired)], calls: [1, 0, 0, 0], said: "It is",
      events: ["a/1 opened for 300 s: key_expired"], error: .modelFailed),
    Case(
      testDescription: "what is blocked goes to nobody else", first: [.fails(.blocked)], calls: [1, 0, 0, 0],
      error: .replyBlocked),
    Case(
      testDescription: "what is blocked in the middle says so", first: [.breaksOff("It is", .blocked)],
      calls: [1, 0, 0, 0], said: "It is", error: .replyBlocked),
    Case(
      testDescription: "the last resort answers when all others fail",
      first: [.fails(.keyInvalid)], secondKey: [.fails(.keyExpired)], other: [.fails(.insecure)],
      last: [.says("Offline.")], calls: [1, 1, 1, 1], said: "Offline.",
      events: [
        "a/1 opened for 300 s: key_invalid", "a/1 degrade to a/2: key_invalid", "a/2 opened for 300 s: key_expired",
        "a/2 degrade to b: key_expired", "b degrade to offline: insecure",
      ]),
    Case(
      testDescription: "nobody answers",
      first: [.fails(.redirected)], other: [.fails(.insecure)], last: [.crashes], calls: [1, 0, 1, 2],
      events: [
        "a/1 degrade to b: redirected", "b degrade to offline: insecure", "offline retry 2 after 250 ms: failing",
      ], error: .modelFailed),
  ]

  @Test(arguments: cases) func `who is asked, what is said and what is told follow from the faults`(
    _ example: Case
  ) async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let said = Mutex("")
    let outcomes = [example.first, example.secondKey, example.other, example.last].map(Outcomes.init)
    let names: [(String, String?)] = [("a", "1"), ("a", "2"), ("b", nil), ("offline", nil)]
    let links = zip(outcomes, names).map { outcomes, name in
      ModelChain.Link(
        FakeModel(outcomes), name: name.0, keyHint: name.1,
        breaker: name.0 == "offline" ? nil : CircuitBreaker(clock: clock), gate: CallGate(limit: 1, clock: clock))
    }
    let chain = ModelChain(links, clock: clock, random: { 1 }, observe: log.note)
    let error = await log.moving(clock) {
      do {
        try await chain.reply(to: .example) { delta in
          switch delta {
          case .text(let text): said.withLock { $0 += text }
          case .toolCall, .usage: said.withLock { $0 += "#" }
          }
        }
        return NexyError?.none
      } catch {
        return error as? NexyError
      }
    }
    #expect(error?.code == example.error)
    #expect(outcomes.map(\.calls) == example.calls)
    #expect(said.withLock { $0 } == example.said)
    #expect(log.words == example.events)
    #expect(log.events.allSatisfy { $0.owner?.session == ModelRequest.example.session })
    #expect(links.allSatisfy { $0.gate?.running == 0 })
  }

  @Test func `the error names nobody to the listener and everybody to the log`() async {
    let faults = [
      ProviderFault(.unreachable, "The host does not answer."), ProviderFault(.failing, "It failed.", detail: "500"),
    ]
    let chain = ModelChain(
      zip(["gemini", "openai"], faults).map { name, fault in
        var budgets = CallBudgets.model
        budgets.attempts = 1
        return .init(FakeModel { _, _ in throw fault }, name: name, keyHint: "ab12", budgets: budgets)
      }, clock: VirtualClock(), observe: { _ in })
    let error = await #expect(throws: NexyError.self) { try await chain.reply(to: .example) { _ in } }
    #expect(error?.message == "No answer came. Please try again in a moment.")
    #expect(
      error?.detail == "gemini (key …ab12): unreachable: The host does not answer.; "
        + "openai (key …ab12): failing: It failed. (500)")
  }

  @Test func `a tool call is an answer`() async throws {
    let outcomes = Outcomes([.says("unasked")])
    let first = FakeModel { _, emit in
      try await emit(.toolCall(name: "open_app", arguments: [:]))
      throw ProviderFault(.cutOff, "")
    }
    let chain = ModelChain([.init(first, name: "a"), .init(FakeModel(outcomes))], clock: VirtualClock()) { _ in }
    await #expect(throws: NexyError.self) { try await chain.reply(to: .example) { _ in } }
    #expect(outcomes.calls == 0)
  }

  @Test func `an open breaker is passed by, and its provider's other key with it`() async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let outcomes = [Outcomes([.fails(.unreachable)]), Outcomes([.says("unasked")]), Outcomes([.says("Offline.")])]
    var budgets = CallBudgets.model
    budgets.attempts = 1
    let chain = ModelChain(
      [
        .init(
          FakeModel(outcomes[0]), name: "a", keyHint: "1", breaker: CircuitBreaker(clock: clock), budgets: budgets),
        .init(
          FakeModel(outcomes[1]), name: "a", keyHint: "2", breaker: CircuitBreaker(clock: clock), budgets: budgets),
        .init(FakeModel(outcomes[2]), name: "offline"),
      ], clock: clock, observe: log.note)
    for _ in 1...5 { try await chain.reply(to: .example) { _ in } }
    #expect(outcomes.map(\.calls) == [3, 0, 5])
    let degraded = "a/1 degrade to offline: unreachable"
    #expect(
      log.words == [degraded, degraded, "a/1 opened for 300 s: unreachable", degraded, degraded, degraded])
    #expect(chain.states.map(\.breaker.word) == ["open", "closed", "closed"])
    clock.advance(by: .seconds(300))
    #expect(chain.states.map(\.breaker.word) == ["half_open", "closed", "closed"])
    try await chain.reply(to: .example) { _ in }
    #expect(log.words.suffix(3) == ["a/1 half open", "a/1 opened for 300 s: unreachable", degraded])
  }

  @Test func `a provider that comes back is told`() async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let chain = ModelChain(
      [
        .init(
          FakeModel(Outcomes([.fails(.keyInvalid), .says("Back.")])), name: "a", breaker: CircuitBreaker(clock: clock)),
        .init(FakeModel(pieces: ["Offline."]), name: "offline"),
      ], clock: clock, observe: log.note)
    try await chain.reply(to: .example) { _ in }
    clock.advance(by: .seconds(300))
    try await chain.reply(to: .example) { #expect($0 == .text("Back.")) }
    #expect(
      log.words == [
        "a opened for 300 s: key_invalid", "a degrade to offline: key_invalid", "a half open", "a closed",
      ])
  }

  @Test func `a fault that opens the breaker is not tried again`() async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let outcomes = Outcomes([.fails(.failing)])
    let breaker = CircuitBreaker(BreakerRules(threshold: 1), clock: clock)
    let chain = ModelChain(
      [.init(FakeModel(outcomes), name: "a", breaker: breaker), .init(FakeModel(pieces: ["Yes."]), name: "offline")],
      clock: clock, observe: log.note)
    try await chain.reply(to: .example) { _ in }
    #expect(log.words == ["a opened for 300 s: failing", "a degrade to offline: failing"])
    #expect(outcomes.calls == 1)
  }

  @Test func `whoever waited at the gate while the breaker opened does not call`() async throws {
    let clock = VirtualClock()
    let outcomes = Outcomes([.says("unasked")])
    let gate = CallGate(limit: 1, clock: clock)
    let breaker = CircuitBreaker(BreakerRules(threshold: 1), clock: clock)
    let chain = ModelChain(
      [
        .init(FakeModel(outcomes), name: "a", breaker: breaker, gate: gate),
        .init(FakeModel(pieces: ["Offline."]), name: "offline"),
      ], clock: clock
    ) { _ in }
    let reply = try await gate.withPermit(within: .zero) {
      let reply = Task { try await chain.reply(to: .example) { #expect($0 == .text("Offline.")) } }
      while gate.waiting < 1 { await Task.yield() }
      let pass = try #require(breaker.enter().pass)
      _ = breaker.leave(pass, .failed(ProviderFault(.failing, "")))
      return reply
    }
    try await reply.value
    #expect(outcomes.calls == 0)
  }

  @Test func `a gate without a place leads to the next provider and is not held against the full one`() async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let gate = CallGate(limit: 1, clock: clock)
    let breaker = CircuitBreaker(BreakerRules(threshold: 1), clock: clock)
    let chain = ModelChain(
      [
        .init(FakeModel(pieces: ["unasked"]), name: "a", breaker: breaker, gate: gate),
        .init(FakeModel(pieces: ["Offline."]), name: "offline"),
      ], clock: clock, observe: log.note)
    try await gate.withPermit(within: .zero) {
      async let reply: Void = chain.reply(to: .example) { #expect($0 == .text("Offline.")) }
      await clock.waitForSleepers(1)
      clock.advance(by: CallBudgets.model.queue)
      try await reply
    }
    #expect(log.words == ["a degrade to offline: overloaded"])
    #expect(breaker.state == .closed)
  }

  @Test func `a slow model is not asked again when an answer could not begin in time`() async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let slow = Outcomes([.hangs])
    let chain = ModelChain(
      [.init(FakeModel(slow), name: "a"), .init(FakeModel(pieces: ["Offline."]), name: "offline")],
      clock: clock, observe: log.note)
    async let reply: Void = chain.reply(to: .example) { _ in }
    await clock.waitForSleepers(1)
    clock.advance(by: CallBudgets.model.first)
    try await reply
    #expect(log.words == ["a degrade to offline: too_slow"])
    #expect(slow.calls == 1)
  }
}
