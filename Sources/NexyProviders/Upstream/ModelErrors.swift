import NexyCore

/// One code for every kind of `ProviderFault` of a language model; `model_failed` is the port's own.
extension NexyError.Code {
  /// The key is wrong, unknown, or not allowed to use the model.
  package static let modelKeyRefused = Self("model_key_refused")
  package static let modelKeyExpired = Self("model_key_expired")
  /// Too many requests or tokens for now, or an account without credit.
  package static let modelQuota = Self("model_quota")
  package static let modelNotFound = Self("model_not_found")
  /// The provider does not serve the server's country.
  package static let modelNotOffered = Self("model_not_offered")
  /// The provider finds the request itself wrong.
  package static let modelRequestRefused = Self("model_request_refused")
  package static let modelOverloaded = Self("model_overloaded")
  package static let modelUnreachable = Self("model_unreachable")
  /// The address redirects; redirects are not followed.
  package static let modelRedirected = Self("model_redirected")
  /// A budget of time is spent.
  package static let modelStalled = Self("model_stalled")
  /// The connection ended before the reply did.
  package static let modelCutOff = Self("model_cut_off")
  /// The provider's own rules forbid the prompt or the reply.
  package static let modelBlocked = Self("model_blocked")
  package static let modelBadAnswer = Self("model_bad_answer")
  package static let modelEmpty = Self("model_empty")
  /// The tokens were used up before the first word.
  package static let modelLengthReached = Self("model_length_reached")
}
