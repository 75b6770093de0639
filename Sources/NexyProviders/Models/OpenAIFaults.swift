import NIOHTTP1
import NexyCore

/// Error bodies of OpenAI (https://platform.openai.com/docs/guides/error-codes) and of the servers that copy it, and
/// what else goes wrong with a reply.
struct OpenAIFaults: Sendable {
  let vendor: Upstream.Vendor

  var malformed: ProviderFault {
    ProviderFault(.malformed, "\(vendor.name) sent an event that is not in its format: check \(vendor.addressSetting).")
  }
  var malformedCall: ProviderFault {
    ProviderFault(
      .malformed,
      "\(vendor.name) made a wrong call of a command: try again, change \(vendor.modelSetting), or set LLM_REPLY=json.")
  }
  var cutOff: ProviderFault {
    ProviderFault(.cutOff, "\(vendor.name) ended its answer before it was through: try again.")
  }
  var empty: ProviderFault {
    ProviderFault(.empty, "\(vendor.name) answered with nothing: try again, or raise TEXT_PROCESSING_MAX_TOKENS.")
  }

  /// The fault of a choice that ended so; nil for an end that is one.
  func fault(ofFinish reason: String) -> ProviderFault? {
    switch reason {
    case "content_filter": blocked
    case "error", "abort": ProviderFault(.failing, "\(vendor.name) broke off its answer: try again.")
    default: nil
    }
  }

  /// Reads `{"error": {…}}` of OpenAI, llama.cpp, LM Studio and vLLM, `{"error": "…"}` of Ollama, and
  /// `{"object": "error", …}` of older vLLM; nil for any other document.
  ///
  /// - Parameter status: Of the answer; nil where the error stands in a stream.
  func fault(in document: [UInt8], status: Int? = nil, _ headers: HTTPHeaders = [:]) -> ProviderFault? {
    guard let error = Self.error(in: document) else { return nil }
    let delay = RetryDelay.asked(by: headers)
    switch error["code"]?.string ?? error["type"]?.string ?? "" {
    case "invalid_api_key", "invalid_authentication", "account_deactivated", "invalid_organization",
      "unsupported_country_region_territory":
      return ProviderFault(.keyInvalid, "\(vendor.name) refused the key: check \(vendor.keySetting).")
    case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
      return ProviderFault(.quota, "\(vendor.name) gives no more credit: see the account's plan and billing.")
    case "rate_limit_exceeded", "rate_limit_error", "requests", "tokens":
      return ProviderFault(
        .quota, "\(vendor.name) takes no more calls for now: wait, or raise the limits.", retryAfter: delay)
    case "model_not_found", "not_found_error", "NotFoundError": return modelNotFound
    case "content_filter", "content_policy_violation": return blocked
    case "context_length_exceeded", "exceed_context_size_error":
      return ProviderFault(
        .requestRefused, "The conversation is too long for \(vendor.modelSetting): take a model with a larger context.")
    case "unsupported_parameter", "unsupported_value":
      return ProviderFault(
        .requestRefused, "The model takes no such temperature, limit or image: check \(vendor.modelSetting).")
    case "engine_overloaded", "overloaded_error", "unavailable_error":
      return ProviderFault(.overloaded, "\(vendor.name) is overloaded: try again in a while.", retryAfter: delay)
    case "server_error", "InternalServerError":
      return ProviderFault(.failing, "\(vendor.name) failed by itself: try again.", retryAfter: delay)
    default:
      let code = status ?? error["code"]?.integer ?? 500
      // With an error body of its own, it is the model that was not found and not the page.
      if code == 404 { return modelNotFound }
      return vendor.fault(of: HTTPResponseStatus(statusCode: code < 400 ? 500 : code), headers)
    }
  }

  private var blocked: ProviderFault {
    ProviderFault(.blocked, "\(vendor.name) refused to answer by its safety rules: ask in other words.")
  }

  private var modelNotFound: ProviderFault {
    ProviderFault(.modelNotFound, "\(vendor.name) has no such model: check \(vendor.modelSetting), or pull the model.")
  }

  private static func error(in document: [UInt8]) -> [String: JSONValue]? {
    guard let members = JSONBytes.decode(JSONValue.self, from: document)?.object else { return nil }
    switch members["error"] {
    case .object(let error): return error
    case .string: return [:]
    default: return members["object"] == "error" ? members : nil
    }
  }
}
