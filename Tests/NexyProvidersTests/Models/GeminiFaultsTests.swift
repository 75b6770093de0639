import NIOHTTP1
import Testing

@testable import NexyProviders

@Suite struct GeminiFaultsTests {
  struct Case: Sendable {
    var code: Int
    var status: String
    var message = "x"
    var details = ""
    var kind: ProviderFault.Kind
    var names: String
    var retryAfter: Duration?
  }

  private static let badKey = #"{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}"#
  private static func retry(_ delay: String) -> String {
    #"{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},"#
      + #"{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "\#(delay)"}"#
  }

  static let cases: [Case] = [
    Case(
      code: 400, status: "INVALID_ARGUMENT", message: "API key not valid. Please pass a valid API key.",
      details: badKey,
      kind: .keyInvalid, names: "GEMINI_API_KEY"),
    Case(
      code: 400, status: "INVALID_ARGUMENT", message: "API key expired. Please renew the API key.", details: badKey,
      kind: .keyExpired, names: "GEMINI_API_KEY"),
    Case(code: 401, status: "UNAUTHENTICATED", kind: .keyInvalid, names: "GEMINI_API_KEY"),
    Case(code: 403, status: "PERMISSION_DENIED", kind: .keyInvalid, names: "GEMINI_API_KEY"),
    Case(
      code: 400, status: "FAILED_PRECONDITION", message: "User location is not supported for the API use.",
      kind: .keyInvalid, names: "billing"),
    Case(
      code: 429, status: "RESOURCE_EXHAUSTED", details: retry("17s"), kind: .quota, names: "GEMINI_FALLBACK_API_KEY",
      retryAfter: .seconds(17)),
    Case(
      code: 429, status: "RESOURCE_EXHAUSTED", details: retry("1.5s"), kind: .quota, names: "quota",
      retryAfter: .milliseconds(1500)),
    Case(code: 429, status: "RESOURCE_EXHAUSTED", kind: .quota, names: "quota", retryAfter: .seconds(3)),
    Case(code: 404, status: "NOT_FOUND", kind: .modelNotFound, names: "GEMINI_PRIMARY_MODEL"),
    Case(code: 400, status: "INVALID_ARGUMENT", kind: .requestRefused, names: "LLM_REPLY"),
    Case(code: 503, status: "UNAVAILABLE", kind: .overloaded, names: "again", retryAfter: .seconds(3)),
    Case(code: 500, status: "INTERNAL", kind: .failing, names: "again", retryAfter: .seconds(3)),
    Case(code: 504, status: "DEADLINE_EXCEEDED", kind: .failing, names: "again", retryAfter: .seconds(3)),
    Case(code: 418, status: "TEAPOT", kind: .requestRefused, names: "GEMINI_PRIMARY_MODEL"),
  ]

  @Test(arguments: cases) func `an error body tells the fault, alone and in an array`(_ example: Case) throws {
    let body = """
      {"error": {"code": \(example.code), "message": "\(example.message) AIzaSecret words of a user",
      "status": "\(example.status)", "details": [\(example.details)]}}
      """
    for document in [body, "[\(body)]"] {
      let fault = try #require(
        GeminiReplyTests.faults.fault(in: Array(document.utf8), status: example.code, ["retry-after": "3"]))
      #expect(fault.kind == example.kind)
      #expect(fault.remedy.contains(example.names), "\(fault.remedy)")
      #expect(!fault.remedy.contains("AIza") && !fault.remedy.contains("user"), "\(fault.remedy)")
      #expect(fault.retryAfter == example.retryAfter)
    }
  }

  @Test(arguments: ["", "<html></html>", "{}", "[]", #"{"error": "text"}"#, #"{"candidates": []}"#])
  func `another document tells nothing`(_ document: String) {
    #expect(GeminiReplyTests.faults.fault(in: Array(document.utf8), status: 500) == nil)
  }

  @Test(arguments: [(429, .quota), (503, .overloaded), (200, .failing)] as [(Int, ProviderFault.Kind)])
  func `an error without a status name goes by its code`(_ code: Int, _ kind: ProviderFault.Kind) {
    let document = #"{"error": {"code": \#(code)}}"#
    #expect(GeminiReplyTests.faults.fault(in: Array(document.utf8))?.kind == kind)
  }
}
