import NexyCore
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct OpenAIReplyTests {
  typealias Case = GeminiReplyTests.Case

  static let faults = OpenAIFaults(
    vendor: Upstream.Vendor(
      name: "The model server", keySetting: "OPENAI_API_KEY", addressSetting: "OPENAI_BASE_URL",
      modelSetting: "OPENAI_MODEL"))

  private static func delta(_ delta: String, _ finish: String? = nil) -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return #"{"object": "chat.completion.chunk", "model": "m-1", "usage": null, "choices": [{"index": 0, "delta": "#
      + #"{\#(delta)}, "finish_reason": \#(reason)}]}"#
  }

  private static func text(_ text: String, _ finish: String? = nil) -> String {
    delta(#""content": "\#(text)""#, finish)
  }

  private static func call(
    _ index: Int?, _ arguments: String, id: String? = nil, name: String? = nil, _ finish: String? = nil
  ) -> String {
    let fields = [
      index.map { #""index": \#($0)"# }, id.map { #""id": "\#($0)""# },
      #""function": {\#(name.map { #""name": "\#($0)", "# } ?? "")"arguments": \#(arguments)}"#,
    ]
    return delta(#""tool_calls": [{\#(fields.compactMap(\.self).joined(separator: ", "))}]"#, finish)
  }

  private static let end = delta("", "stop")
  private static let done = "[DONE]"
  private static let notes = ModelDelta.toolCall(name: "open_app", arguments: ["app_name": "Notes"])

  static let texts: [Case] = [
    Case(
      "text in pieces",
      [delta(#""role": "assistant", "content": """#), text("Привет, "), text("мир 👩‍👩‍👧!\\n"), end, done],
      [.text("Привет, "), .text("мир 👩‍👩‍👧!\n")]),
    Case("no [DONE]", [text("Hi."), end], [.text("Hi.")]),
    Case("no finish", [text("Hi."), done], [.text("Hi.")]),
    Case("the limit of tokens", [text("Hi", "length"), done], [.text("Hi")]),
    Case("an end of a server's own", [text("Hi", "eos_token"), done], [.text("Hi")]),
    Case("words after [DONE]", [text("Hi."), done, text("No.")], [.text("Hi.")]),
    Case("a refusal", [delta(#""content": null, "refusal": "I won't.""#), end, done], [.text("I won't.")]),
    Case(
      "thinking", [delta(#""reasoning_content": "Hmm""#), delta(#""reasoning": "Hm", "content": "Yes.""#), end, done],
      [.text("Yes.")]),
    Case(
      "usage in the last chunk",
      [
        text("Hi."), end,
        #"{"model": "m-1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}"#,
        done,
      ],
      [.text("Hi."), .usage(TokenUsage(inputTokens: 5, outputTokens: 7, model: "m-1"))]),
    Case("no end", [text("Half a ")], [.text("Half a ")], .cutOff),
    Case("no event", [], [], .empty),
    Case("nothing but [DONE]", [done], [], .empty),
    Case("nothing but an end", [end, done], [], .empty),
    Case("nothing but thinking", [delta(#""reasoning_content": "Hmm""#, "length"), done], [], .empty),
    Case("a filter", [text("Half "), text("more", "content_filter")], [.text("Half "), .text("more")], .blocked),
    Case("an abort", [text("Half "), delta("", "abort")], [.text("Half ")], .failing),
    Case("no JSON", [text("Half "), "{\"choices\": [{"], [.text("Half ")], .malformed),
    Case("another JSON", [#"{"choices": "none"}"#], [], .malformed),
    Case(
      "an error as an event",
      [text("Half "), #"{"error": {"message": "x", "type": "server_error", "code": "rate_limit_exceeded"}}"#],
      [.text("Half ")], .quota),
    Case("an error of older vLLM", [#"{"object": "error", "message": "x", "code": 503}"#], [], .overloaded),
    Case("an error as a text", [text("Half "), #"{"error": "llama runner terminated"}"#], [.text("Half ")], .failing),
  ]

  static let calls: [Case] = [
    Case(
      "a call in fragments",
      [
        call(0, "\"\"", id: "a", name: "open_app"), call(0, #""{\"app""#), call(0, #""_name\": \"No""#),
        call(0, #""tes\"}""#), delta("", "tool_calls"), done,
      ], [notes]),
    Case(
      "two calls, interleaved",
      [
        text("Sure."), call(0, "\"\"", id: "a", name: "open_app"), call(1, #""{}""#, id: "b", name: "close_browser"),
        call(0, #""{\"app_name\": \"Notes\"}""#), delta("", "tool_calls"), done,
      ], [.text("Sure."), notes, .toolCall(name: "close_browser", arguments: [:])]),
    Case(
      "whole calls of one index",
      [
        call(0, #""{\"app_name\": \"Notes\"}""#, id: "a", name: "open_app"),
        call(0, #""{}""#, id: "b", name: "close_browser", "tool_calls"), done,
      ], [notes, .toolCall(name: "close_browser", arguments: [:])]),
    Case(
      "whole calls of one index without identifiers",
      [
        call(0, #""{\"app_name\": \"Notes\"}""#, id: "", name: "open_app"),
        call(0, #""{}""#, id: "", name: "close_browser", "tool_calls"), done,
      ], [notes, .toolCall(name: "close_browser", arguments: [:])]),
    Case(
      "no index",
      [call(nil, #""{\"app_name\": ""#, id: "a", name: "open_app"), call(nil, #""\"Notes\"}""#), end, done], [notes]),
    Case("arguments as an object", [call(0, #"{"app_name": "Notes"}"#, name: "open_app"), end, done], [notes]),
    Case(
      "no arguments", [call(0, "\"\"", name: "close_browser"), end, done],
      [.toolCall(name: "close_browser", arguments: [:])]),
    Case("half the arguments", [call(0, #""{\"app""#, name: "open_app"), end, done], [], .malformed),
    Case("arguments that are no object", [call(0, #""[1]""#, name: "open_app"), end, done], [], .malformed),
    Case("a call without a name", [call(0, #""{}""#), end, done], [], .malformed),
    Case("no end of a call", [call(0, #""{\"app""#, name: "open_app")], [], .cutOff),
  ]

  @Test(arguments: texts + calls) func `a stream gives its deltas however it is cut`(_ example: Case) {
    let reply = read(example.stream, as: OpenAIReply(model: "m", faults: Self.faults))
    #expect(reply == ReadReply(deltas: example.deltas, fault: example.fault))
    let whole = eventsRead(in: example.stream)
    for cut in 0..<example.stream.utf8.count {
      #expect(eventsRead(in: example.stream, cutAt: cut) == whole, "cut at \(cut)")
    }
  }
}
