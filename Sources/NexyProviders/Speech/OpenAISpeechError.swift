import NIOHTTP1
import NexyCore

/// What OpenAI's error bodies say of a call of `/audio/speech`, as far as they say more than the status.
///
/// The form: https://platform.openai.com/docs/guides/error-codes; FastAPI servers such as Kokoro-FastAPI
/// (https://github.com/remsky/Kokoro-FastAPI) put the same below `detail`.
struct OpenAISpeechError: Sendable {
  let vendor: Upstream.Vendor

  private static let models: Set<String> = ["model_not_found", "invalid_model"]
  private static let voices: Set<String> = ["voice_not_found", "invalid_voice"]
  private static let blocks: Set<String> = ["content_policy_violation", "moderation_blocked"]

  @Sendable func explanation(
    _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8]
  ) -> ProviderFault? {
    guard status.code < 500, let members = Self.members(of: body) else { return nil }
    let codes = ["code", "error", "type"].compactMap { members[$0]?.string }
    let parameter = members["param"]?.string
    if codes.contains("insufficient_quota") {
      return ProviderFault(
        .quota, "The account of \(vendor.name) has used up its credit (\(status.code)): add to it.",
        retryAfter: RetryDelay.asked(by: headers))
    }
    if codes.contains("invalid_api_key") { return vendor.fault(of: .unauthorized, headers) }
    if codes.contains(where: Self.blocks.contains) {
      return ProviderFault(.blocked, "The safety rules of \(vendor.name) keep it from saying this text.")
    }
    if parameter == "model" || codes.contains(where: Self.models.contains) {
      return ProviderFault(
        .modelNotFound, "\(vendor.name) does not know the model (\(status.code)): check OPENAI_SPEECH_MODEL.")
    }
    if parameter == "voice" || codes.contains(where: Self.voices.contains) {
      return ProviderFault(
        .requestRefused, "\(vendor.name) does not know the voice (\(status.code)): check OPENAI_SPEECH_VOICE.")
    }
    return nil
  }

  private static func members(of body: [UInt8]) -> [String: JSONValue]? {
    let object = JSONBytes.decode(JSONValue.self, from: body)?.object
    return object?["error"]?.object ?? object?["detail"]?.object
  }
}
