import NIOHTTP1
import NexyCore

/// Gemini's error bodies, finish reasons and what else goes wrong with its replies
/// (https://ai.google.dev/gemini-api/docs/troubleshooting, https://google.aip.dev/193).
struct GeminiFaults: Sendable {
  let vendor: Upstream.Vendor

  var malformed: ProviderFault { ProviderFault(.malformed, "Gemini sent an event that is not in its format.") }
  var cutOff: ProviderFault { ProviderFault(.cutOff, "Gemini ended its answer before it was through: try again.") }
  var empty: ProviderFault {
    ProviderFault(.empty, "Gemini answered with nothing: try again, or raise TEXT_PROCESSING_MAX_TOKENS.")
  }
  var blockedPrompt: ProviderFault {
    ProviderFault(.blocked, "Gemini's safety rules refused the prompt: ask in other words.")
  }

  /// The fault of a candidate that ended so; nil for an end that is one
  /// (https://ai.google.dev/api/generate-content#FinishReason).
  func fault(ofFinish reason: String) -> ProviderFault? {
    switch reason {
    case "STOP", "MAX_TOKENS": nil
    case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
      "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
      ProviderFault(.blocked, "Gemini's safety rules stopped the answer (\(reason)): ask in other words.")
    case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
      "MALFORMED_RESPONSE":
      ProviderFault(.malformed, "Gemini made a wrong call of a command (\(reason)): try again, or set LLM_REPLY=json.")
    default: ProviderFault(.failing, "Gemini stopped for a reason of its own: try again.")
    }
  }

  /// Reads `{"error": {…}}`, alone or in an array, as answers and streams carry it; nil for any other document.
  ///
  /// - Parameter status: Of the answer; nil where the error stands in a stream.
  func fault(in document: [UInt8], status: Int? = nil, _ headers: HTTPHeaders = [:]) -> ProviderFault? {
    guard let error = Self.error(in: document) else { return nil }
    let details = error["details"]?.array?.compactMap(\.object) ?? []
    let retry = details.lazy.compactMap { $0["retryDelay"]?.string.flatMap(RetryDelay.ofProtobuf) }.first
    let delay = retry ?? RetryDelay.asked(by: headers)
    let isBadKey = details.contains { $0["reason"]?.string == "API_KEY_INVALID" }
    switch error["status"]?.string {
    // Both have the same reason; only the words tell a key that has run out.
    case _ where isBadKey && (error["message"]?.string ?? "").lowercased().contains("expired"):
      return ProviderFault(.keyExpired, "The key of Gemini has expired: renew it and set \(vendor.keySetting).")
    case _ where isBadKey: return keyInvalid
    case "UNAUTHENTICATED", "PERMISSION_DENIED": return keyInvalid
    case "FAILED_PRECONDITION":
      return ProviderFault(
        .keyInvalid,
        "Gemini does not serve the account of \(vendor.keySetting) here: enable billing, or use another provider.")
    case "RESOURCE_EXHAUSTED":
      return ProviderFault(
        .quota, "The quota of Gemini is used up: wait, raise it, or set GEMINI_FALLBACK_API_KEY.", retryAfter: delay)
    case "NOT_FOUND":
      return ProviderFault(.modelNotFound, "Gemini has no such model: check \(vendor.modelSetting).")
    case "INVALID_ARGUMENT", "OUT_OF_RANGE":
      return ProviderFault(
        .requestRefused,
        "Gemini refused the request: check \(vendor.modelSetting), TEXT_PROCESSING_TOOLS and LLM_REPLY.")
    case "UNAVAILABLE":
      return ProviderFault(.overloaded, "Gemini is overloaded: try again in a while.", retryAfter: delay)
    case "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED":
      return ProviderFault(.failing, "Gemini failed by itself: try again.", retryAfter: delay)
    default:
      let code = status ?? error["code"]?.integer ?? 500
      return vendor.fault(of: HTTPResponseStatus(statusCode: code < 400 ? 500 : code), headers)
    }
  }

  private var keyInvalid: ProviderFault {
    ProviderFault(.keyInvalid, "Gemini refused the key: check \(vendor.keySetting).")
  }

  private static func error(in document: [UInt8]) -> [String: JSONValue]? {
    let value = JSONBytes.decode(JSONValue.self, from: document)
    return (value?.array?.first ?? value)?.object?["error"]?.object
  }
}
