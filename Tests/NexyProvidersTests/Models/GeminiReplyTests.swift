import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct GeminiReplyTests {
  static let faults = GeminiFaults(
    vendor: Upstream.Vendor(
      name: "Gemini", keySetting: "GEMINI_API_KEY", addressSetting: "GEMINI_BASE_URL",
      modelSetting: "GEMINI_PRIMARY_MODEL"))

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var events: [String]
    var deltas: [ModelDelta]
    var fault: ProviderFault.Kind?

    init(_ name: String, _ events: [String], _ deltas: [ModelDelta] = [], _ fault: ProviderFault.Kind? = nil) {
      testDescription = name
      self.events = events
      self.deltas = deltas
      self.fault = fault
    }

    var stream: String { events.map { "data: \($0)\r\n\r\n" }.joined() }
  }

  private static func part(_ part: String, _ finish: String? = nil) -> String {
    let reason = finish.map { #", "finishReason": "\#($0)""# } ?? ""
    return #"{"candidates": [{"content": {"parts": [\#(part)], "role": "model"}\#(reason), "index": 0}]}"#
  }

  private static func text(_ text: String, _ finish: String? = nil) -> String {
    part(#"{"text": "\#(text)"}"#, finish)
  }

  private static func finish(_ reason: String) -> String { #"{"candidates": [{"finishReason": "\#(reason)"}]}"# }

  static let cases: [Case] = [
    Case(
      "text in pieces", [text("Привет, "), text("мир 👩‍👩‍👧!\\n"), text("", "STOP")],
      [.text("Привет, "), .text("мир 👩‍👩‍👧!\n")]),
    Case("an end of its own", [text("Hi."), finish("STOP")], [.text("Hi.")]),
    Case("the limit of tokens", [text("Hi", "MAX_TOKENS")], [.text("Hi")]),
    Case("STOP in every chunk", [text("a", "STOP"), text("b", "STOP")], [.text("a"), .text("b")]),
    Case("an escaped pair", [text(#"\ud83d\ude00"#, "STOP")], [.text("😀")]),
    Case(
      "thoughts", [part(#"{"text": "Hmm", "thought": true}, {"text": "Yes.", "thought": false}"#, "STOP")],
      [.text("Yes.")]),
    Case("nothing but thoughts", [part(#"{"text": "Hmm", "thought": true}"#, "STOP")], [], .empty),
    Case(
      "calls",
      [
        part(
          #"{"text": "Sure."}, {"functionCall": {"name": "open_app", "args": {"app_name": "Notes", "n": 1}}}"#),
        part(#"{"functionCall": {"id": "x", "name": "close_browser"}, "thoughtSignature": "abc="}"#, "STOP"),
      ],
      [
        .text("Sure."), .toolCall(name: "open_app", arguments: ["app_name": "Notes", "n": 1]),
        .toolCall(name: "close_browser", arguments: [:]),
      ]),
    Case("unknown parts", [part(#"{"executableCode": {"code": "1"}}, {"text": "One."}"#, "STOP")], [.text("One.")]),
    Case(
      "usage",
      [
        #"{"candidates": [{"content": {"parts": [{"text": "Hi."}]}}], "usageMetadata": {"promptTokenCount": 5},"#
          + #""modelVersion": "g-2"}"#,
        #"{"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7,"#
          + #""thoughtsTokenCount": 20, "toolUsePromptTokenCount": 100, "totalTokenCount": 132}, "modelVersion": "g-2"}"#,
      ],
      [
        .text("Hi."), .usage(TokenUsage(inputTokens: 5, outputTokens: 0, model: "g-2")),
        .usage(TokenUsage(inputTokens: 105, outputTokens: 27, model: "g-2")),
      ]),
    Case("no end", [text("Half a ")], [.text("Half a ")], .cutOff),
    Case("no event", [], [], .empty),
    Case("no candidates", [#"{"candidates": [], "usageMetadata": {}}"#], [usage0], .empty),
    Case("nothing but an end", [finish("STOP")], [], .empty),
    Case("a refused prompt", [#"{"promptFeedback": {"blockReason": "SAFETY"}}"#], [], .blocked),
    Case("a fine prompt", [#"{"promptFeedback": {}}"#, text("Hi.", "STOP")], [.text("Hi.")]),
    Case("a safety stop", [text("Half "), text("more", "SAFETY")], [.text("Half "), .text("more")], .blocked),
    Case("no JSON", [text("Half "), #"{"candidates": [{"#], [.text("Half ")], .malformed),
    Case("another JSON", [#"{"candidates": "none"}"#], [], .malformed),
    Case(
      "an error as an event",
      [text("Half "), #"{"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}"#],
      [.text("Half ")], .overloaded),
  ]

  private static let usage0 = ModelDelta.usage(TokenUsage(inputTokens: 0, outputTokens: 0, model: "m"))

  @Test(arguments: cases) func `a stream gives its deltas however it is cut`(_ example: Case) {
    let reply = read(example.stream, as: GeminiReply(model: "m", faults: Self.faults))
    #expect(reply == ReadReply(deltas: example.deltas, fault: example.fault))
    let whole = eventsRead(in: example.stream)
    for cut in 0..<example.stream.utf8.count {
      #expect(eventsRead(in: example.stream, cutAt: cut) == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: [
    #"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}"#,
    "[{\n \"error\": {\"status\": \"RESOURCE_EXHAUSTED\"}\n}]",
  ]) func `a bare error between the events is found`(_ error: String) {
    let stream = "data: \(Self.text("Half "))\n\n" + error
    #expect(
      read(stream + "\n", as: GeminiReply(model: "m", faults: Self.faults))
        == ReadReply(deltas: [.text("Half ")], fault: .quota))
  }

  static let finishReasons: [(String, ProviderFault.Kind)] =
    [
      "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
    ].map { ($0, .blocked) }
    + ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"].map { ($0, .malformed) }
    + ["OTHER", "FINISH_REASON_UNSPECIFIED", "SOMETHING_NEW"].map { ($0, .failing) }

  @Test(arguments: finishReasons) func `every other finish is a fault`(_ reason: String, _ kind: ProviderFault.Kind) {
    #expect(Self.faults.fault(ofFinish: reason)?.kind == kind)
  }
}
