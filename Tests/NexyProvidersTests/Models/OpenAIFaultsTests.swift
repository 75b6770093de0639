import NIOHTTP1
import Testing

@testable import NexyProviders

@Suite struct OpenAIFaultsTests {
  struct Case: Sendable {
    var status: Int
    var body: String
    var kind: ProviderFault.Kind
    var names: String
    var retryAfter: Duration?

    init(_ status: Int, _ body: String, _ kind: ProviderFault.Kind, _ names: String, _ retryAfter: Duration? = nil) {
      self.status = status
      self.body = body
      self.kind = kind
      self.names = names
      self.retryAfter = retryAfter
    }
  }

  private static func code(_ code: String, _ type: String = "invalid_request_error") -> String {
    #"{"error": {"message": "sk-Secret user's words", "type": "\#(type)", "param": null, "code": "\#(code)"}}"#
  }

  static let cases: [Case] = [
    Case(401, code("invalid_api_key"), .keyInvalid, "OPENAI_API_KEY"),
    Case(403, code("unsupported_country_region_territory"), .keyInvalid, "OPENAI_API_KEY"),
    Case(429, code("insufficient_quota", "insufficient_quota"), .quota, "billing"),
    Case(429, code("rate_limit_exceeded", "tokens"), .quota, "wait", .seconds(3)),
    Case(404, code("model_not_found"), .modelNotFound, "OPENAI_MODEL"),
    Case(400, code("context_length_exceeded"), .requestRefused, "context"),
    Case(400, code("unsupported_value"), .requestRefused, "OPENAI_MODEL"),
    Case(400, code("content_policy_violation"), .blocked, "words"),
    Case(503, code("engine_overloaded", "server_error"), .overloaded, "again", .seconds(3)),
    Case(500, code("server_error", "server_error"), .failing, "again", .seconds(3)),
    Case(401, code("something_new"), .keyInvalid, "OPENAI_API_KEY"),
    Case(400, code("something_new"), .requestRefused, "OPENAI_MODEL"),
    // Ollama, its own interface and the copied one.
    Case(404, #"{"error": "model 'x' not found"}"#, .modelNotFound, "pull"),
    Case(
      404, #"{"error": {"message": "model \"x\" not found", "type": "api_error", "param": null, "code": null}}"#,
      .modelNotFound, "pull"),
    Case(500, #"{"error": "llama runner process has terminated"}"#, .failing, "status", .seconds(3)),
    // llama.cpp
    Case(
      503, #"{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}"#, .overloaded, "again",
      .seconds(3)),
    Case(
      400, #"{"error": {"code": 400, "message": "too long", "type": "exceed_context_size_error"}}"#, .requestRefused,
      "context"),
    // vLLM, newer and older.
    Case(
      404, #"{"error": {"message": "x", "type": "NotFoundError", "param": null, "code": 404}}"#, .modelNotFound,
      "OPENAI_MODEL"),
    Case(
      404, #"{"object": "error", "message": "x", "type": "NotFoundError", "code": 404}"#, .modelNotFound, "OPENAI_MODEL"
    ),
  ]

  @Test(arguments: cases) func `an error body tells the fault`(_ example: Case) throws {
    let fault = try #require(
      OpenAIReplyTests.faults.fault(in: Array(example.body.utf8), status: example.status, ["retry-after": "3"]))
    #expect(fault.kind == example.kind)
    #expect(fault.remedy.contains(example.names), "\(fault.remedy)")
    #expect(!fault.remedy.contains("sk-") && !fault.remedy.contains("user"), "\(fault.remedy)")
    #expect(fault.retryAfter == example.retryAfter)
  }

  @Test(arguments: ["", "<html></html>", "{}", "[]", #"{"detail": "Not Found"}"#])
  func `another document tells nothing`(_ document: String) {
    #expect(OpenAIReplyTests.faults.fault(in: Array(document.utf8), status: 404) == nil)
  }
}
