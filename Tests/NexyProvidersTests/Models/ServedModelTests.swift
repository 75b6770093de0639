import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct ServedModelTests {
  @Test(arguments: ServedModel.allCases, LanguageModelBehaviour.allCases)
  func `every model behaves`(_ served: ServedModel, _ behaviour: LanguageModelBehaviour) async throws {
    try await behaviour.check(on: served.stage)
  }

  @Test(arguments: ServedModel.allCases) func `a call comes out after the words`(_ served: ServedModel) async throws {
    let deltas: [ModelDelta] = [.text("Sure."), .toolCall(name: "open_app", arguments: ["app_name": "Notes"])]
    try await served.stage.serve { answer in
      try await answer.reply(served.pieces(deltas), type: "text/event-stream")
    } _: { model in
      let notes = Notes<ModelDelta>()
      try await model.reply(to: modelRequest()) { notes.add($0) }
      #expect(notes.all == deltas)
    }
  }

  @Test(arguments: ServedModel.allCases) func `the request is what the provider documents`(
    _ served: ServedModel
  ) async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.reply(served.pieces([.text("Hi.")]), type: "text/event-stream")
    } _: { fake, client in
      let image = InlineImageTests.base64(InlineImageTests.png)
      for _ in 0..<2 { try await served.model(client, fake.url).reply(to: modelRequest(image: image)) { _ in } }
      let request = try #require(fake.requests.first)
      #expect(request.method == .POST)
      #expect(request.headers.first(name: "content-type") == "application/json")
      #expect(!request.headers.contains(name: "accept-encoding"))
      #expect(String(buffer: request.body).contains(image))
      switch served {
      case .gemini:
        #expect(request.uri == "/v1beta/models/gemini-flash-lite-latest:streamGenerateContent?alt=sse")
        #expect(request.headers.first(name: "x-goog-api-key") == "k-1234")
      case .openai:
        #expect(request.uri == "/v1/chat/completions")
        #expect(request.headers.first(name: "authorization") == "Bearer k-1234")
      }
      #expect(fake.connections == 1, "a whole reply leaves its connection to the next")
    }
  }

  @Test(arguments: ServedModel.allCases) func `a connection left open does not hold a whole reply up`(
    _ served: ServedModel
  ) async throws {
    let clock = VirtualClock()
    let deltas: [ModelDelta] = [.text("Sure."), .toolCall(name: "open_app", arguments: ["app_name": "Notes"])]
    try await FakeUpstream.serve { _, answer in
      try await answer.begin()
      // In one piece, so that there is one wait for more.
      try await answer.send(served.pieces(deltas).flatMap(\.self))
      try await answer.waitForClose()
    } _: { fake, client in
      let notes = Notes<ModelDelta>()
      async let reply: Void = served.model(client, fake.url, clock: clock).reply(to: modelRequest()) { notes.add($0) }
      await clock.waitForSleepers(1)
      clock.advance(by: EventStream.tailLimit)
      try await reply
      #expect(notes.all == deltas)
    }
  }

  @Test(arguments: ServedModel.allCases) func `a listener may take long over a whole reply`(
    _ served: ServedModel
  ) async throws {
    let clock = VirtualClock()
    let usage = ModelDelta.usage(TokenUsage(inputTokens: 1, outputTokens: 2, model: "m"))
    let pieces = served.pieces([.text("Hi."), usage])
    try await FakeUpstream.serve { _, answer in
      try await answer.begin()
      // The end comes before the usage, as OpenAI sends it.
      try await answer.send(pieces[0] + pieces[2])
      try await answer.send(pieces[1])
      try await answer.end()
    } _: { fake, client in
      let notes = Notes<ModelDelta>()
      try await within("a slow listener") {
        try await served.model(client, fake.url, clock: clock).reply(to: modelRequest()) { delta in
          notes.add(delta)
          guard delta == usage else { return }
          for _ in 0..<3 {
            await clock.waitForSleepers(1)
            clock.advance(by: EventStream.tailLimit)
          }
          try Task.checkCancellation()
        }
      }
      #expect(notes.all == [.text("Hi."), usage])
    }
  }

  @Test(arguments: [
    (ServedModel.gemini, #"{"candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]}"#),
    (.openai, #"{"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]}"#),
  ]) func `a connection cut after the last word cuts nothing`(_ served: ServedModel, _ event: String) async throws {
    let emitted = Gate()
    try await served.stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": "text/event-stream"])
      try await answer.send(Array("data: \(event)\n\n".utf8))
      try await emitted.wait()
      try await answer.cut()
    } _: { model in
      try await model.reply(to: modelRequest()) { delta in
        #expect(delta == .text("Hi."))
        emitted.open()
      }
    }
  }

  static let endless = ["data: ", "data: x\ndata: ", "", ": "]

  @Test(arguments: ServedModel.allCases, endless) func `an endless event ends the call`(
    _ served: ServedModel, _ beginning: String
  ) async throws {
    let closed = Gate()
    try await served.stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": "text/event-stream"])
      try await answer.send(Array(beginning.utf8))
      let more = [UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024)
      do { for _ in 0..<10_000 { try await answer.send(more) } } catch {}
      try await answer.waitForClose()
      closed.open()
    } _: { model in
      let fault = try await fault { try await model.reply(to: modelRequest()) { _ in } }
      #expect(fault?.kind == .malformed)
      try await closed.wait()
    }
  }

  @Test func `an answer without an end ends the call`() async throws {
    let reader = EventStream(vendor: UpstreamTests.vendor, clock: VirtualClock(), answerLimit: 10_000)
    try await FakeUpstream.serve { _, answer in
      try await answer.begin()
      while true { try await answer.send(": still here\n\n") }
    } _: { fake, client in
      let fault = try await fault {
        let answer = try await UpstreamTests.upstream(client).open(UpstreamTests.request(fake.url))
        try await reader.run(answer, as: GeminiReply(model: "m", faults: GeminiReplyTests.faults)) { _ in }
      }
      #expect(fault?.kind == .malformed)
    }
  }

  struct Document: Sendable {
    var served: ServedModel
    var status: Int
    var body: String
    var kind: ProviderFault.Kind
  }

  static let documents = [
    Document(
      served: .gemini, status: 200, body: #"[{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}]"#, kind: .quota),
    Document(
      served: .gemini, status: 400, body: #"{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}"#,
      kind: .keyInvalid),
    Document(served: .gemini, status: 200, body: #"{"candidates": []}"#, kind: .malformed),
    Document(served: .openai, status: 404, body: #"{"error": "model 'x' not found"}"#, kind: .modelNotFound),
    Document(served: .openai, status: 200, body: #"{"error": {"code": "insufficient_quota"}}"#, kind: .quota),
    Document(served: .openai, status: 200, body: #"{"choices": [{"message": {}}]}"#, kind: .malformed),
  ]

  @Test(arguments: documents) func `a document instead of a stream is read for its error`(
    _ document: Document
  ) async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.respond(document.status, headers: ["content-type": "application/json"], document.body)
    } _: { fake, client in
      let model = document.served.model(client, fake.url)
      let fault = try await fault { try await model.reply(to: modelRequest()) { _ in } }
      #expect(fault?.kind == document.kind)
    }
  }
}
