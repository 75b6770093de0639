import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite(.timeLimit(.minutes(1))) struct SpeechChainTests {
  /// A voice tells itself by its sample: the first engine speaks ones, the second twos.
  private static func engine(_ voice: Int16, _ outcomes: Outcomes, rate: Int = AudioChunk.sampleRate) -> FakeSynthesizer
  {
    FakeSynthesizer(sampleRate: rate) { utterance, emit in
      try await outcomes.play {
        try await emit([Int16](repeating: $0 == "silence" ? 0 : voice, count: $0.count))
      } cost: {
        try await emit([0, 0, 0])
      }
    }
  }

  private static func utterance(_ text: String) -> Utterance { Utterance(text: text, language: .english) }

  /// What was heard, without the pauses: each run of a sample as the sample and its length.
  private static func heard(_ samples: [Int16]) -> String {
    var runs: [(Int16, Int)] = []
    for sample in samples {
      if runs.last?.0 == sample { runs[runs.count - 1].1 += 1 } else { runs.append((sample, 1)) }
    }
    return runs.map { $0.0 == 0 && $0.1 == SpeechChain.pause.count ? "pause" : "\($0.0)x\($0.1)" }
      .joined(separator: " ")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var first: [Outcome]
    var second: [Outcome] = [.says("whole")]
    let calls: [Int]
    var heard = ""
    var events: [String] = []
    var fails = false
  }

  static let cases = [
    Case(testDescription: "the first speaks", first: [.says("whole")], calls: [1, 0], heard: "1x5"),
    Case(
      testDescription: "a quick passing fault is tried once more", first: [.fails(.overloaded), .says("whole")],
      calls: [2, 0], heard: "1x5", events: ["a retry 2 after 100 ms: overloaded"]),
    Case(
      testDescription: "then the next engine speaks", first: [.fails(.failing)], calls: [2, 1], heard: "2x5",
      events: ["a retry 2 after 100 ms: failing", "a degrade to b: failing"]),
    Case(
      testDescription: "a refused key leads to the next engine at once", first: [.fails(.keyInvalid)], calls: [1, 1],
      heard: "2x5", events: ["a opened for 300 s: key_invalid", "a degrade to b: key_invalid"]),
    Case(
      testDescription: "a sentence that breaks off is spoken again from its beginning",
      first: [.breaksOff("who", .cutOff)], calls: [1, 1], heard: "1x3 pause 2x5", events: ["a degrade to b: cut_off"]),
    Case(
      testDescription: "silence is no speech", first: [.says("silence")], calls: [2, 1], heard: "2x5",
      events: ["a retry 2 after 100 ms: empty", "a degrade to b: empty"]),
    Case(
      testDescription: "silence before a fault is not heard", first: [.costs(.insecure)], calls: [1, 1], heard: "2x5",
      events: ["a degrade to b: insecure"]),
    Case(
      testDescription: "no engine is left", first: [.fails(.insecure)], second: [.breaksOff("who", .redirected)],
      calls: [1, 1], heard: "2x3", events: ["a degrade to b: insecure"], fails: true),
  ]

  @Test(arguments: cases) func `who speaks and what is heard follow from the faults`(_ example: Case) async throws {
    let clock = VirtualClock()
    let log = EventLog()
    let heard = Mutex([Int16]())
    let outcomes = [Outcomes(example.first), Outcomes(example.second)]
    let chain = SpeechChain(
      [
        .init(Self.engine(1, outcomes[0]), name: "a", breaker: CircuitBreaker(clock: clock)),
        .init(Self.engine(2, outcomes[1]), name: "b"),
      ], clock: clock, random: { 1 }, observe: log.note)
    let error = await log.moving(clock) {
      do {
        try await chain.speak(Self.utterance("Hello.")) { samples in heard.withLock { $0 += samples } }
        return NexyError?.none
      } catch {
        return error as? NexyError
      }
    }
    #expect(error?.code == (example.fails ? .speechFailed : nil))
    #expect(outcomes.map(\.calls) == example.calls)
    #expect(Self.heard(heard.withLock { $0 }) == example.heard)
    #expect(log.words == example.events)
  }

  @Test func `a turn stays with the engine it moved to, the next turn begins anew`() async throws {
    let log = EventLog()
    let outcomes = [Outcomes([.fails(.insecure), .says("whole")]), Outcomes([.says("whole")])]
    let chain = SpeechChain(
      [.init(Self.engine(1, outcomes[0]), name: "a"), .init(Self.engine(2, outcomes[1]), name: "b")],
      clock: VirtualClock(), observe: log.note)
    let turn = chain.forOneTurn()
    for _ in 1...3 { try await turn.speak(Self.utterance("Hello.")) { _ in } }
    #expect(outcomes.map(\.calls) == [1, 3])
    try await chain.forOneTurn().speak(Self.utterance("Hello.")) { _ in }
    #expect(outcomes.map(\.calls) == [2, 3])
    #expect(log.words == ["a degrade to b: insecure"])
  }

  @Test func `of two sentences at the same time the first to fail moves the turn, and tells it once`() async throws {
    let log = EventLog()
    let (begun, others) = (Gate(), Gate())
    let first = FakeSynthesizer { utterance, emit in
      if utterance.text == "One." {
        begun.open()
        try await others.wait()
      }
      throw ProviderFault(.insecure, "")
    }
    let second = FakeSynthesizer()
    let chain = SpeechChain(
      [.init(first, name: "a"), .init(second, name: "b")], clock: VirtualClock(), observe: log.note)
    let turn = chain.forOneTurn()
    async let one: Void = turn.speak(Self.utterance("One.")) { _ in }
    try await begun.wait()
    try await turn.speak(Self.utterance("Two.")) { _ in }
    try await turn.speak(Self.utterance("Three.")) { _ in }
    others.open()
    try await one
    #expect(first.spoken.map(\.text) == ["One.", "Two."])
    #expect(second.spoken.map(\.text) == ["Two.", "Three.", "One."])
    #expect(log.words == ["a degrade to b: insecure"])
  }

  @Test func `a text that the last engine cannot say does not silence the turn`() async throws {
    let outcomes = [Outcomes([.fails(.insecure)]), Outcomes([.fails(.requestRefused), .says("whole")])]
    let chain = SpeechChain(
      [.init(Self.engine(1, outcomes[0]), name: "a"), .init(Self.engine(2, outcomes[1]), name: "b")],
      clock: VirtualClock()
    ) { _ in }
    let turn = chain.forOneTurn()
    await #expect(throws: NexyError.self) { try await turn.speak(Self.utterance("…")) { _ in } }
    try await turn.speak(Self.utterance("Hello.")) { _ in }
    #expect(outcomes.map(\.calls) == [1, 2])
  }

  @Test(arguments: [(16_000, 480), (24_000, 320), (22_050, 349), (48_000, 160)])
  func `every engine is heard at one rate`(rate: Int, expected: Int) async throws {
    let heard = Mutex(0)
    let chain = SpeechChain(
      [.init(Self.engine(1000, Outcomes([.says(String(repeating: "a", count: 160))]), rate: rate), name: "a")],
      clock: VirtualClock()
    ) { _ in }
    #expect(chain.sampleRate == 48_000)
    try await chain.speak(Self.utterance("Hello.")) { samples in heard.withLock { $0 += samples.count } }
    #expect(heard.withLock { $0 } == expected)
  }

  @Test func `an engine that hangs in the middle is replaced`() async throws {
    let clock = VirtualClock()
    let heard = Mutex([Int16]())
    let begun = Gate()
    let hanging = FakeSynthesizer { _, emit in
      try await emit([1, 1])
      begun.open()
      try await Gate().wait()
    }
    let chain = SpeechChain(
      [.init(hanging, name: "a"), .init(Self.engine(2, Outcomes([.says("whole")])), name: "b")], clock: clock
    ) { _ in }
    async let speech: Void = chain.speak(Self.utterance("Hello.")) { samples in heard.withLock { $0 += samples } }
    try await begun.wait()
    await clock.waitForSleepers(1)
    clock.advance(by: CallBudgets.speech.stall)
    try await speech
    #expect(Self.heard(heard.withLock { $0 }) == "1x2 pause 2x5")
  }

  @Test func `cancellation passes through and gives the permit back`() async throws {
    let gate = CallGate(limit: 1)
    let begun = Gate()
    let hanging = FakeSynthesizer { _, _ in
      begun.open()
      try await Gate().wait()
    }
    let second = FakeSynthesizer()
    let chain = SpeechChain(
      [.init(hanging, name: "a", gate: gate), .init(second, name: "b")], clock: VirtualClock()
    ) { _ in }
    let task = Task { try await chain.speak(Self.utterance("Hello.")) { _ in } }
    try await begun.wait()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(gate.running == 0)
    #expect(second.spoken.isEmpty)
  }
}
