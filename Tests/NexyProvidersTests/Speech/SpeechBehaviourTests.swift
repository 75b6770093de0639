import NexyCore
import NexyTestSupport
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct SpeechBehaviourTests {
  @Test(.timeLimit(.minutes(5)), arguments: SpeechPromise.allCases)
  func `azure keeps the promises of a speech engine`(_ promise: SpeechPromise) async throws {
    try await SpeechStaging.behaviour(text: SpeechStaging.textOfXML, engine: SpeechStaging.azure).check(promise)
  }

  @Test(.timeLimit(.minutes(5)), arguments: SpeechPromise.allCases)
  func `openai keeps the promises of a speech engine`(_ promise: SpeechPromise) async throws {
    try await SpeechStaging.behaviour(text: SpeechStaging.inputOfJSON, engine: SpeechStaging.openAI).check(promise)
  }

  @Test(.timeLimit(.minutes(5)), arguments: [SpeechPromise.givesTheWholeSound, .stopsInTheMiddle, .waitsForEmit])
  func `openai keeps them with a server that sends WAV files`(_ promise: SpeechPromise) async throws {
    try await SpeechStaging.behaviour(
      wire: SpeechStaging.wavFile, contentType: "audio/x-wav", text: SpeechStaging.inputOfJSON,
      engine: SpeechStaging.openAI
    ).check(promise)
  }

  @Test(.timeLimit(.minutes(5)), arguments: SpeechPromise.withoutUpstream)
  func `tone keeps the promises of an engine without an upstream`(_ promise: SpeechPromise) async throws {
    try await SpeechEngineBehaviour { _, body in try await body(.init(engine: ToneSynthesizer())) }.check(promise)
  }
}

private struct UnreliableEngine: SpeechSynthesizer {
  typealias Emit = @Sendable ([Int16]) async throws -> Void
  let name = "unreliable"
  let sampleRate = 24_000
  let script: @Sendable (@escaping Emit) async throws -> Void

  func speak(_ utterance: Utterance, emit: @escaping Emit) async throws { try await script(emit) }
}

/// Engines that break a promise, and the promise: a suite that lets them through would prove nothing.
@Suite struct SpeechBehaviourSuiteTests {
  private func check(
    _ promise: SpeechPromise,
    _ speak: @escaping @Sendable (_ bytes: [UInt8], @escaping UnreliableEngine.Emit) async throws -> Void
  ) async throws {
    let suite = SpeechEngineBehaviour(
      wire: { $0.map { UInt8(truncatingIfNeeded: $0) } }, faults: [("any", "quota")], nameOf: { _ in "failing" }
    ) { answer, body in
      let bytes =
        switch answer {
        case .whole(let pieces): pieces.flatMap(\.self)
        case .standing(let bytes), .endless(let bytes): bytes
        case .failing: [UInt8]()
        }
      let sent = Counter()
      let engine = UnreliableEngine { emit in
        // An upstream that gets rid of whatever it has.
        for _ in 0..<5 { sent.add() }
        try await speak(bytes, emit)
      }
      try await body(.init(engine: engine, heardText: { "something else" }, sentBytes: { sent.value * 16 << 20 }))
    }
    try await suite.check(promise)
  }

  @Test(arguments: [SpeechPromise.givesTheWholeSound, .saysTheWholeText, .waitsForEmit, .refusesSilence, .namesFaults])
  func `an engine that says something else is found out`(_ promise: SpeechPromise) async {
    await #expect(throws: SpeechBehaviourFault.self) {
      try await check(promise) { _, emit in try await emit([1, 2, 3]) }
    }
  }

  @Test(arguments: [SpeechPromise.refusesSilence, .namesFaults])
  func `an engine that names a fault wrongly is found out`(_ promise: SpeechPromise) async {
    await #expect(throws: SpeechBehaviourFault.self) {
      try await check(promise) { _, _ in throw CancellationError() }
    }
  }

  @Test(arguments: [SpeechPromise.passesOnErrorsOfEmit, .stopsWhileEmitting])
  func `an engine that swallows errors is found out`(_ promise: SpeechPromise) async {
    await #expect(throws: SpeechBehaviourFault.self) {
      try await check(promise) { _, emit in try? await emit([1]) }
    }
  }

  @Test func `an engine that gives pieces at the same time is found out`() async {
    await #expect(throws: SpeechBehaviourFault.self) {
      try await check(.waitsForEmit) { _, emit in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<8 { group.addTask { try await emit([1]) } }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test(arguments: [SpeechPromise.stopsBeforeTheFirstSound, .stopsInTheMiddle])
  func `an engine that ends by itself is found out`(_ promise: SpeechPromise) async {
    await #expect(throws: SpeechBehaviourFault.self) {
      // It comes to its end even when it is cancelled.
      try await check(promise) { _, emit in
        try await emit([1])
        while !Task.isCancelled { await Task.yield() }
      }
    }
  }

  @Test func `an engine that reads ahead of its listener is found out`() async {
    await #expect(throws: SpeechBehaviourFault.self) {
      try await check(.holdsTheUpstreamUp) { _, emit in for _ in 0..<9 { try await emit([1]) } }
    }
  }
}
