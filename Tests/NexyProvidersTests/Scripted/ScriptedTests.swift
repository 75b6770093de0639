import NexyCore
import NexyTestSupport
import NexyVoice
import Synchronization
import Testing

@testable import NexyProviders

@Suite struct ScriptedTests {
  private static let yaml = """
    replies:
      - when: Weather
        delay_ms: 20
        deltas:
          - "It is "
          - {text: "sunny.", delay_ms: 300}
          - {tool: open_app, arguments: {app_name: Weather, days: 3}}
      - when: broken
        deltas: ["One. ", "Two. ", "Three."]
        fault: {kind: error, after: 2}
      - when: pause
        deltas: ["One. ", "Two."]
        fault: {kind: stall, after: 1, for_ms: 500}
      - when: garbage
        deltas: ["{\\"text\\":\\"Hi"]
        fault: {kind: malformed}
      - when: silence
        fault: {kind: empty}
      - deltas:
          - '{"session_id":"x","text":"Anything else."}'
    """

  private func deltas(
    _ prompt: String, clock: any Clock<Duration> = VirtualClock()
  ) async throws -> [ModelDelta] {
    let model = ScriptedModel(script: try Script(yaml: Self.yaml, name: "test"), clock: clock)
    let (deltas, delta) = AsyncStream<ModelDelta>.makeStream()
    let request = ModelRequest(
      prompt: prompt, device: DeviceID("mac")!, session: SessionID("3f2b8c1e-8f60-4a9b-9d55-0c2a3b4d5e6f")!)
    do {
      try await model.reply(to: request) { delta.yield($0) }
    } catch let error as NexyError {
      delta.yield(.text("error \(error.code)"))
    }
    delta.finish()
    return await deltas.reduce(into: []) { $0.append($1) }
  }

  @Test(arguments: [
    ("it is broken", [ModelDelta.text("One. "), .text("Two. "), .text("error model_failed")]),
    ("garbage please", [.text("{\"text\":\"Hi"), .text("\", , unquoted ]")]),
    ("silence", []),
    ("something", [.text("{\"session_id\":\"x\",\"text\":\"Anything else.\"}")]),
  ])
  func `a prompt plays the first reply that fits`(_ prompt: String, _ expected: [ModelDelta]) async throws {
    #expect(try await deltas(prompt) == expected)
  }

  @Test func `delays are kept on the clock`() async throws {
    let clock = VirtualClock()
    async let played = deltas("what weather", clock: clock)
    for delay in [20, 300, 20] {
      await clock.waitForSleepers(1)
      clock.advance(by: .milliseconds(delay))
    }
    #expect(
      try await played == [
        .text("It is "), .text("sunny."), .toolCall(name: "open_app", arguments: ["app_name": "Weather", "days": 3]),
      ])
  }

  @Test func `a stall ends after its time`() async throws {
    let clock = VirtualClock()
    async let played = deltas("pause", clock: clock)
    await clock.waitForSleepers(1)
    clock.advance(by: .milliseconds(500))
    #expect(try await played == [.text("One. "), .text("Two.")])
  }

  @Test(arguments: [
    ("replies: 5", "replies"), ("nothing: here", "replies"), ("replies: []", "no replies"), ("{", "cannot be played"),
    ("replies: [{deltas: [{delay_ms: 5}]}]", "either text or tool"),
    ("replies: [{deltas: [a], fault: {kind: explode}}]", "fault"),
  ])
  func `a wrong script says where it is wrong`(_ yaml: String, _ words: String) {
    let error = #expect(throws: NexyError.self) { try Script(yaml: yaml, name: "the.yaml") }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("the.yaml") == true)
  }
}
