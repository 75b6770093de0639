import NexyCore
import NexyVoice
import Synchronization

/// What every language model over a network must do, whoever's format it speaks.
package enum LanguageModelBehaviour: String, CaseIterable, Sendable {
  case emitsEachDeltaAsItArrives
  case keepsUnicodeThatIsCutAtEveryByte
  case reportsUsage
  case closesTheConnectionWhenCancelledBeforeTheAnswer
  case closesTheConnectionWhenCancelledInTheAnswer
  case passesAnErrorOfEmitOnAndCloses
  case stopsReadingWhileEmitSuspends
  case tellsACutAnswerFromAWholeOne
  case namesWhatIsWrong

  /// - Throws: `BehaviourFault` when the model does otherwise.
  package func check(on stage: LanguageModelStage) async throws {
    try await within("\(self)") {
      switch self {
      case .emitsEachDeltaAsItArrives: try await Self.emitsEachDelta(stage)
      case .keepsUnicodeThatIsCutAtEveryByte: try await Self.keepsUnicode(stage)
      case .reportsUsage: try await Self.reportsUsage(stage)
      case .closesTheConnectionWhenCancelledBeforeTheAnswer: try await Self.closesWhenCancelled(stage, inAnswer: false)
      case .closesTheConnectionWhenCancelledInTheAnswer: try await Self.closesWhenCancelled(stage, inAnswer: true)
      case .passesAnErrorOfEmitOnAndCloses: try await Self.passesErrorOn(stage)
      case .stopsReadingWhileEmitSuspends: try await Self.stopsReading(stage)
      case .tellsACutAnswerFromAWholeOne: try await Self.tellsCutAnswer(stage)
      case .namesWhatIsWrong: try await Self.namesWhatIsWrong(stage)
      }
    }
  }
}

extension LanguageModelBehaviour {
  private static let texts = ["One sentence. ", "Вторая, ", "three \"quoted\" \\ words\n", "and 👩‍👩‍👧 at the end."]

  /// Each piece is sent only after the delta before it was emitted.
  private static func emitsEachDelta(_ stage: LanguageModelStage) async throws {
    let deltas = texts.map(ModelDelta.text)
    let gates = texts.map { _ in Gate() }
    let emitted = Counter()
    try await stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": stage.streamType])
      for (index, piece) in stage.pieces(deltas).enumerated() {
        try await answer.send(piece)
        if index < gates.count { try await gates[index].wait() }
      }
      try await answer.end()
    } _: { model in
      let got = try await replied(by: model) { delta in
        if case .text = delta { gates[emitted.add() - 1].open() }
      }
      try expect(text(of: got) == texts.joined(), "the text is not what was sent: \(got)")
    }
  }

  private static func keepsUnicode(_ stage: LanguageModelStage) async throws {
    try await stage.serve { answer in
      let bytes = stage.pieces(texts.map(ModelDelta.text)).flatMap(\.self)
      try await answer.reply(bytes.map { [$0] }, type: stage.streamType)
    } _: { model in
      let got = try await replied(by: model)
      try expect(text(of: got) == texts.joined(), "the text is not what was sent: \(got)")
    }
  }

  private static func reportsUsage(_ stage: LanguageModelStage) async throws {
    let usage = TokenUsage(inputTokens: 321, outputTokens: 54, model: "a-model-2")
    try await stage.serve { answer in
      try await answer.reply(stage.pieces([.text("Hello."), .usage(usage)]), type: stage.streamType)
    } _: { model in
      let got = try await replied(by: model)
      try expect(got.last == .usage(usage), "the last delta is not the usage: \(got)")
    }
  }

  private static func tellsCutAnswer(_ stage: LanguageModelStage) async throws {
    let emitted = Gate()
    try await stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": stage.streamType])
      try await answer.send(stage.pieces([.text("Half a ")])[0])
      try await emitted.wait()
      try await answer.cut()
    } _: { model in
      try await expectFault("cut_off", "a cut answer", stage) {
        try await model.reply(to: request) { _ in emitted.open() }
      }
    }
  }

  private static func namesWhatIsWrong(_ stage: LanguageModelStage) async throws {
    let faults: [(status: Int, kind: String)] = [
      (302, "redirected"), (400, "request_refused"), (401, "key_invalid"), (402, "quota"), (403, "key_invalid"),
      (404, "model_not_found"), (408, "failing"), (429, "quota"), (500, "failing"), (502, "failing"),
      (503, "overloaded"), (504, "failing"), (529, "overloaded"),
    ]
    for fault in faults {
      try await stage.serve { answer in
        try await answer.begin(status: fault.status, headers: ["content-type": "text/html", "location": "/elsewhere"])
        try await answer.send(Array("<html>No.</html>".utf8))
        try await answer.end()
      } _: { model in
        try await expectFault(fault.kind, "status \(fault.status)", stage) {
          try await model.reply(to: request) { _ in }
        }
      }
    }
    for type in ["text/html", "application/json", "image/png"] {
      try await stage.serve { answer in
        try await answer.reply([Array("<html>Yes.</html>".utf8)], type: type)
      } _: { model in
        try await expectFault("malformed", "an answer of \(type)", stage) {
          try await model.reply(to: request) { _ in }
        }
      }
    }
  }
}

extension LanguageModelBehaviour {
  static var request: ModelRequest {
    // Both identifiers are well-formed.
    ModelRequest(
      prompt: "What is on my screen?", device: DeviceID("a-device")!,
      session: SessionID("6f1d9a52-3f0e-4d4e-9a3c-0d8d2b7c1a11")!)
  }

  static func replied(
    by model: any LanguageModel, _ watch: @escaping @Sendable (ModelDelta) -> Void = { _ in }
  ) async throws -> [ModelDelta] {
    let deltas = Mutex<[ModelDelta]>([])
    try await model.reply(to: request) { delta in
      deltas.withLock { $0.append(delta) }
      watch(delta)
    }
    return deltas.withLock { $0 }
  }

  static func text(of deltas: [ModelDelta]) -> String {
    deltas.map { if case .text(let text) = $0 { text } else { "" } }.joined()
  }

  static func expect(_ isTrue: Bool, _ complaint: String) throws {
    if !isTrue { throw BehaviourFault(complaint) }
  }

  static func expectFault(
    _ kind: String, _ what: String, _ stage: LanguageModelStage, _ work: () async throws -> Void
  ) async throws {
    do {
      try await work()
    } catch {
      return try expect(stage.faultKind(error) == kind, "\(what) is \(error) and not \(kind)")
    }
    throw BehaviourFault("\(what) went well and is not \(kind)")
  }
}
