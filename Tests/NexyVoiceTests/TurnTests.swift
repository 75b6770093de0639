import NexyCore
import NexyTestSupport
import Synchronization
import Testing

@testable import NexyVoice

@Suite struct TurnTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let deltas: [ModelDelta]
    let outline: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "each sentence's text comes before its audio",
      deltas: [.text("The first sentence is here. And the second one is here.")],
      outline: [
        "text The first sentence is here.", "audio 27", "text  And the second one is here.", "audio 27", "finished",
      ]),
    Case(
      name: "a short first sentence is said with the next",
      deltas: [.text("Hi. How are you today? I am fine, thanks.")],
      outline: [
        "text Hi. How are you today?", "audio 22", "text  I am fine, thanks.", "audio 18", "finished",
      ]),
    Case(name: "a one-word reply is said", deltas: [.text("Yes.")], outline: ["text Yes.", "audio 4", "finished"]),
    Case(
      name: "a reply without punctuation is said", deltas: [.text("just some words")],
      outline: ["text just some words", "audio 15", "finished"]),
    Case(
      name: "a repeated sentence is said twice", deltas: [.text("Say it once more. Say it once more.")],
      outline: [
        "text Say it once more.", "audio 17", "text  Say it once more.", "audio 17", "finished",
      ]),
    Case(
      name: "text that cannot be spoken is shown without audio",
      deltas: [.text("Here you are, my friend. 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀")],
      outline: ["text Here you are, my friend.", "audio 24", "text  😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "finished"]),
    Case(
      name: "a tool call is sent after the speech and before the terminal",
      deltas: [.toolCall(name: "open_app", arguments: ["app_name": "Safari.app"]), .text("Opening Safari.")],
      outline: [
        "text Opening Safari.", "audio 15", "action open_app [\"app_name\": NexyCore.JSONValue.string(\"Safari\")]",
        "finished",
      ]),
    Case(
      name: "a command without a word is said in the server's words",
      deltas: [.toolCall(name: "close_app", arguments: ["app_name": "Notes"])],
      outline: [
        "text Closing Notes.", "audio 14", "action close_app [\"app_name\": NexyCore.JSONValue.string(\"Notes\")]",
        "finished",
      ]),
    Case(
      name: "an unknown command is dropped and its text kept",
      deltas: [.text("{\"command\":\"format_disk\",\"args\":{},\"text\":\"All done, my friend.\"}")],
      outline: ["text All done, my friend.", "audio 20", "finished"]),
    Case(
      name: "a refused command without a word is told",
      deltas: [.toolCall(name: "format_disk", arguments: [:])],
      outline: ["text I can't do that.", "audio 16", "finished"]),
    Case(
      name: "an empty reply is a failure", deltas: [],
      outline: [
        "text Sorry, I can't answer right now. Please ask me again in a minute.", "audio 65", "failed empty_reply",
      ]),
    Case(
      name: "a reply that cannot be heard is a failure", deltas: [.text("👍")],
      outline: [
        "text 👍", "text Sorry, I can't answer right now. Please ask me again in a minute.", "audio 65",
        "failed empty_reply",
      ]),
    Case(
      name: "a command whose words cannot be heard is said in the server's words",
      deltas: [.text("👍"), .toolCall(name: "open_app", arguments: ["app_name": "Safari"])],
      outline: [
        "text 👍", "text Opening Safari.", "audio 15",
        "action open_app [\"app_name\": NexyCore.JSONValue.string(\"Safari\")]", "finished",
      ]),
    Case(
      name: "a blank reply is a failure", deltas: [.text(" \n ")],
      outline: [
        "text Sorry, I can't answer right now. Please ask me again in a minute.", "audio 65", "failed empty_reply",
      ]),
  ]

  @Test(arguments: cases) func `a reply gives these events`(_ testCase: Case) async {
    let log = await Turn.events(FakeModel(testCase.deltas))
    #expect(log.outline == testCase.outline)
  }

  @Test func `the pieces of text put together are the reply`() async {
    let reply = "One thing is certain.  Two things\nare not: a) this, b) that... Or so they say!\n\nReally? Yes."
    let log = await Turn.events(FakeModel(pieces: reply.map(String.init)))
    #expect(log.texts.joined() == reply)
  }

  @Test func `a model that fails lets finish what was whole, then fails once`() async {
    let model = FakeModel { _, emit in
      try await emit(.text("This sentence is whole. This one is n"))
      throw NexyError(.modelFailed, "broken")
    }
    let log = await Turn.events(model)
    #expect(
      log.outline == [
        "text This sentence is whole.", "audio 23", "text  Sorry, my answer broke off. Please ask me again.",
        "audio 49", "failed model_failed",
      ])
  }

  @Test func `where no engine speaks, the text still arrives and the turn ends well`() async {
    let engine = FakeSynthesizer { _, _ in throw NexyError(.speechFailed, "no voice") }
    let log = await Turn.events(FakeModel(pieces: ["A sentence to say. And one more."]), engine)
    #expect(log.outline == ["text A sentence to say.", "text  And one more.", "finished"])
  }

  @Test func `a sentence that breaks off leaves the others whole`() async {
    let engine = FakeSynthesizer { utterance, emit in
      try await emit([1, 2, 3])
      if utterance.text.contains("second") { throw NexyError(.speechFailed, "no voice") }
    }
    let log = await Turn.events(
      FakeModel(pieces: ["The first sentence is here. The second one breaks. The third is whole."]), engine)
    #expect(
      log.outline == [
        "text The first sentence is here.", "audio 3", "text  The second one breaks.", "audio 3",
        "text  The third is whole.", "audio 3", "finished",
      ])
  }

  @Test func `an engine that gives only silence leaves the text`() async {
    let engine = FakeSynthesizer { _, emit in try await emit([0, 0, 0]) }
    let log = await Turn.events(FakeModel(pieces: ["A sentence to say."]), engine)
    #expect(log.outline == ["text A sentence to say.", "finished"])
  }

  @Test func `a reply that is blocked is told, and the turn ends well`() async {
    let model = FakeModel { _, _ in throw NexyError(.replyBlocked, "no") }
    let log = await Turn.events(model)
    #expect(log.outline == ["text Sorry, I can't help with that.", "audio 30", "finished"])
  }

  @Test func `silence in front of a sentence is dropped`() async {
    let engine = FakeSynthesizer { _, emit in
      try await emit([Int16](repeating: 0, count: 5000))
      try await emit([0, 0, 7, 0, 8])
    }
    let log = await Turn.events(FakeModel(pieces: ["A sentence to say."]), engine)
    #expect(log.chunks.map { Array($0.samples) } == [[7, 0, 8]])
  }

  @Test func `audio is cut into chunks of the size that is set`() async {
    let engine = FakeSynthesizer { _, emit in
      for size in [1000, 3000, 1] { try await emit([Int16](repeating: 5, count: size)) }
    }
    let log = await Turn.events(FakeModel(pieces: ["A sentence to say."]), engine)
    #expect(log.chunks.map(\.samples.count) == [2048, 1953])
  }

  @Test func `a finished sentence goes out after a stall of 200 ms`() async {
    let clock = VirtualClock()
    let gate = Gate()
    let model = FakeModel { _, emit in
      try await emit(.text("The bill is 3."))
      try await gate.wait()
      try await emit(.text("50 in all."))
    }
    let (texts, continuation) = AsyncStream<String>.makeStream()
    let log = EventLog { event in if case .text(let text) = event { continuation.yield(text) } }
    async let report = Turn(
      model: model, synthesizer: FakeSynthesizer(), rules: Turn.Rules(), clock: clock
    ).run(.asking("how much"), interruption: Interruption(), emit: log.emit)
    // The watch for stalls sleeps.
    await clock.waitForSleepers(1)
    clock.advance(by: .milliseconds(200))
    var first = texts.makeAsyncIterator()
    #expect(await first.next() == "The bill is 3.")
    gate.open()
    _ = await report
    #expect(log.texts == ["The bill is 3.", "50 in all."])
  }

  @Test func `a client that reads slowly is no stall of the model`() async {
    let clock = VirtualClock()
    let gate = Gate()
    let reply = (1...40).map { "Sentence \($0) of the list costs $3.14 in all." }.joined(separator: " ")
    // Cut where a stall would let the first half of a decimal go.
    let pieces = reply.replacing("$3.", with: "$3.|").split(separator: "|").map(String.init)
    let log = EventLog { event in
      if case .audio = event { try await gate.wait() }
    }
    async let report = Turn(
      model: FakeModel(pieces: pieces), synthesizer: FakeSynthesizer(), rules: Turn.Rules(), clock: clock
    ).run(.asking("list"), interruption: Interruption(), emit: log.emit)
    for _ in 1...20 {
      await clock.waitForSleepers(1)
      clock.advance(by: .milliseconds(200))
    }
    gate.open()
    #expect(await report.failure == nil)
    #expect(log.texts.count == 40)
    #expect(log.texts.joined() == reply)
  }

  @Test func `a client that reads nothing does not hold a turn that was ended`() async {
    let clock = VirtualClock()
    let log = EventLog { _ in try await Gate().wait() }
    let interruption = Interruption()
    let task = Task {
      await Turn(
        model: FakeModel(pieces: ["A sentence to say."]), synthesizer: FakeSynthesizer(),
        rules: Turn.Rules(), clock: clock
      ).run(.asking("hi"), interruption: interruption, emit: log.emit)
    }
    interruption.trip(.turnTimedOut)
    let time = clock.runs(by: .seconds(1))
    #expect(await task.value.failure?.code == .turnTimedOut)
    time.cancel()
  }

  @Test func `an interruption cancels the model and ends in one terminal`() async {
    let (started, start) = AsyncStream<Void>.makeStream()
    let cancelled = Mutex(false)
    let model = FakeModel { _, emit in
      try await emit(.text("A first sentence comes out. "))
      start.finish()
      await withTaskCancellationHandler {
        try? await Gate().wait()
      } onCancel: {
        cancelled.withLock { $0 = true }
      }
      try Task.checkCancellation()
    }
    let interruption = Interruption()
    let log = EventLog()
    async let report = Turn(
      model: model, synthesizer: FakeSynthesizer(), rules: Turn.Rules(), clock: VirtualClock()
    ).run(.asking("tell me"), interruption: interruption, emit: log.emit)
    for await _ in started {}
    interruption.trip(.interrupted)
    #expect(await report.failure?.code == .interrupted)
    #expect(cancelled.withLock { $0 })
    #expect(log.outline.filter { $0.hasPrefix("failed") || $0 == "finished" } == ["failed interrupted"])
  }

  @Test func `a client that cannot be written to cancels the turn`() async {
    let log = EventLog { event in
      if case .text = event { throw CancellationError() }
    }
    let turn = Turn(
      model: FakeModel(pieces: ["A sentence to say."]), synthesizer: FakeSynthesizer(), rules: Turn.Rules(),
      clock: VirtualClock())
    let report = await turn.run(.asking("hi"), interruption: Interruption(), emit: log.emit)
    #expect(report.failure?.code == .clientLeft)
  }

  @Test func `the engine works two sentences ahead and no further`() async throws {
    let reply = (1...6).map { "This is sentence number \($0)." }.joined(separator: " ")
    let (asked, ask) = AsyncStream<Int>.makeStream()
    let count = Mutex(0)
    let engine = FakeSynthesizer { _, emit in
      ask.yield(
        count.withLock {
          $0 += 1; return $0
        })
      try await emit([1, 2, 3])
    }
    let gate = Gate()
    let log = EventLog { event in
      if case .audio = event { try await gate.wait() }
    }
    async let report = Turn(
      model: FakeModel(pieces: [reply]), synthesizer: engine, rules: Turn.Rules(), clock: VirtualClock()
    ).run(.asking("count"), interruption: Interruption(), emit: log.emit)
    var requests = asked.makeAsyncIterator()
    // The one being sent, two ahead, and the one that waits for its place in the line.
    for _ in 1...3 { _ = await requests.next() }
    #expect(engine.spoken.count <= 4)
    gate.open()
    #expect(await report.failure == nil)
    #expect(engine.spoken.count == 6)
  }

  @Test func `Cyrillic sentences are spoken in Russian and others in English`() async {
    let engine = FakeSynthesizer()
    _ = await Turn.events(FakeModel(pieces: ["Сейчас ровно три часа дня. It is three o'clock."]), engine)
    #expect(Set(engine.spoken.map(\.language)) == [.russian, .english])
  }

  @Test func `a kill switch turns commands off and the turn still speaks`() async {
    let rules = Turn.Rules(commands: { CommandPolicy(forwards: false) })
    let model = FakeModel([.text("Opening Safari."), .toolCall(name: "open_app", arguments: ["app_name": "Safari"])])
    let log = await Turn.events(model, rules: rules)
    #expect(log.outline == ["text Opening Safari.", "audio 15", "finished"])
  }
}
