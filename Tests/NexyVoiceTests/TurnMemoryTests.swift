import NexyCore
import NexyTestSupport
import Synchronization
import Testing

@testable import NexyVoice

@Suite("A turn knows what was said before, and is remembered itself") struct TurnMemoryTests {
  private static let known = Recollection(
    exchanges: [Exchange(prompt: "Who are you?", answer: "I am Nexy.")], facts: ["The user's name is Ann."])

  @Test func `what is remembered goes to the model`() async {
    let memory = FakeMemory(Self.known)
    let asked = Mutex<Recollection?>(nil)
    let model = FakeModel { request, emit in
      asked.withLock { $0 = request.memory }
      try await emit(.text("Yes."))
    }
    _ = await run(model, memory)
    #expect(asked.withLock { $0 } == Self.known)
  }

  @Test func `a memory that takes longer than 350 ms is done without`() async {
    let clock = VirtualClock()
    let asked = Mutex<Recollection?>(nil)
    let memory = FakeMemory(Self.known) { try await Gate().wait() }
    let model = FakeModel { request, emit in
      asked.withLock { $0 = request.memory }
      try await emit(.text("Yes."))
    }
    let time = clock.runs(by: .milliseconds(50))
    defer { time.cancel() }
    #expect(await run(model, memory, clock: clock).failure == nil)
    #expect(asked.withLock { $0 } == Recollection())
  }

  @Test func `a memory that fails is done without`() async {
    let memory = FakeMemory(Self.known) { throw NexyError(.turnFailed, "broken") }
    #expect(await run(FakeModel(pieces: ["Yes."]), memory).failure == nil)
    #expect(memory.kept.map(\.answer) == ["Yes."])
  }

  @Test func `what was sent is remembered`() async {
    let memory = FakeMemory()
    _ = await run(FakeModel(pieces: ["The first sentence is here. And the second one."]), memory)
    #expect(memory.kept == [Exchange(prompt: "hello", answer: "The first sentence is here. And the second one.")])
  }

  @Test func `what the listener never got is not`() async {
    let (memory, interruption) = (FakeMemory(), Interruption())
    let model = FakeModel(pieces: ["The first sentence is here. And the second one. And a third."])
    let sent = Mutex(0)
    let log = EventLog { event in
      guard case .text = event,
        sent.withLock({
          $0 += 1; return $0
        }) == 2
      else { return }
      interruption.trip(.interrupted)
      try await Gate().wait()
    }
    let turn = Turn(
      model: model, synthesizer: FakeSynthesizer(), memory: memory, rules: Turn.Rules(), clock: VirtualClock())
    _ = await turn.run(.asking("hello"), interruption: interruption, emit: log.emit)
    #expect(memory.kept.map(\.answer) == ["The first sentence is here."])
  }

  @Test func `a turn that said nothing is not remembered`() async {
    let (memory, interruption) = (FakeMemory(), Interruption())
    interruption.trip(.interrupted)
    let turn = Turn(
      model: FakeModel { _, _ in try await Gate().wait() }, synthesizer: FakeSynthesizer(), memory: memory,
      rules: Turn.Rules(), clock: VirtualClock())
    _ = await turn.run(.asking("hello"), interruption: interruption, emit: EventLog().emit)
    #expect(memory.kept.isEmpty)
  }

  static let apologies: [(prompt: String, deltas: [String], error: NexyError.Code, said: String, ending: String)] = [
    (
      "hello", [], .modelFailed, "Sorry, I can't answer right now. Please ask me again in a minute.",
      "failed model_failed"
    ),
    (
      "привет", [], .modelFailed, "Извините, сейчас я не могу ответить. Спросите ещё раз через минуту.",
      "failed model_failed"
    ),
    (
      "привет", ["Первое предложение целое. А вто"], .modelFailed,
      "Первое предложение целое. Извините, ответ прервался. Спросите, пожалуйста, ещё раз.", "failed model_failed"
    ),
    ("привет", [], .replyBlocked, "Извините, с этим я помочь не могу.", "finished"),
    ("hello", ["It is so. "], .replyBlocked, "It is so. Sorry, I can't help with that.", "finished"),
    (
      "hello", [], .turnFailed, "Sorry, I can't answer right now. Please ask me again in a minute.",
      "failed turn_failed"
    ),
  ]

  @Test("who cannot see the screen hears why there is no more", arguments: apologies)
  func apology(prompt: String, deltas: [String], error: NexyError.Code, said: String, ending: String) async {
    let model = FakeModel { _, emit in
      for text in deltas { try await emit(.text(text)) }
      throw NexyError(error, "broken")
    }
    let log = await Turn.events(model, prompt: prompt)
    #expect(log.texts.joined() == said)
    #expect(log.outline.last == ending)
    #expect(log.outline.dropLast().last?.hasPrefix("audio") == true)
  }

  private func run(
    _ model: any LanguageModel, _ memory: FakeMemory, clock: any Clock<Duration> = VirtualClock()
  ) async -> TurnReport {
    let turn = Turn(
      model: model, synthesizer: FakeSynthesizer(), memory: memory, rules: Turn.Rules(), clock: clock)
    return await turn.run(.asking("hello"), interruption: Interruption(), emit: EventLog().emit)
  }
}

/// A memory that knows what a test says, and notes what it is told.
private final class FakeMemory: ConversationMemory {
  private let known: Recollection
  private let delay: @Sendable () async throws -> Void
  private let notes = Mutex<[Exchange]>([])

  init(_ known: Recollection = Recollection(), _ delay: @escaping @Sendable () async throws -> Void = {}) {
    self.known = known
    self.delay = delay
  }

  var kept: [Exchange] { notes.withLock { $0 } }

  func recall(_ device: DeviceID) async throws -> Recollection {
    try await delay()
    return known
  }

  func remember(_ exchange: Exchange, device: DeviceID, session: SessionID) {
    notes.withLock { $0.append(exchange) }
  }
}
