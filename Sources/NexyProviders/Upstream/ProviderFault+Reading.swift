import NexyCore

extension ProviderFault {
  /// What a failed call means.
  init(_ failure: UpstreamFailure, of names: ProviderNames, key: APIKey?) {
    switch failure {
    case .unreachable(let reason): self.init(.unreachable, of: names, key: key, words: [reason])
    case .timedOut(.connect): self.init(.unreachable, of: names, key: key, words: ["\(failure)"])
    case .timedOut: self.init(.stalled, of: names, key: key, words: ["\(failure)"])
    case .cut(let reason): self.init(.cutOff, of: names, key: key, words: [reason])
    case .wrongType: self.init(.badAnswer, of: names, key: key, words: ["\(failure)"])
    case .refused(let refusal):
      self.init(
        ProviderErrorBody(refusal.body), status: refusal.status, retryAfter: refusal.retryAfter, of: names, key: key)
    }
  }

  /// What an error object means that came inside a stream which had begun well.
  init(inStream value: JSONValue, of names: ProviderNames, key: APIKey?) {
    let body = ProviderErrorBody(value)
    let status =
      body.status
      ?? (body.says("rate_limit_exceeded") || body.says("RESOURCE_EXHAUSTED")
        ? 429 : body.says("overloaded_error") || body.says("UNAVAILABLE") ? 503 : 500)
    self.init(body, status: status, retryAfter: nil, of: names, key: key)
  }

  private init(
    _ body: ProviderErrorBody, status: Int, retryAfter: Duration?, of names: ProviderNames, key: APIKey?
  ) {
    let isExhausted = status == 402 || body.says("insufficient_quota")
    self.init(
      Self.kind(of: body, status: status), of: names, key: key, retryAfter: body.retryDelay ?? retryAfter,
      isWorthRetry: isExhausted ? false : nil, words: ["status \(status)"] + body.words)
  }

  private static func kind(of body: ProviderErrorBody, status: Int) -> Kind {
    if status == 401 || body.says("API_KEY_INVALID") || body.says("invalid_api_key") {
      return body.saysExpired ? .keyExpired : .keyRefused
    }
    if body.says("FAILED_PRECONDITION") || body.says("unsupported_country_region_territory") { return .notOffered }
    if body.says("insufficient_quota") { return .quota }
    if body.says("model_not_found") { return .notFound }
    switch status {
    case 300..<400: return .redirected
    case 402, 429: return .quota
    case 403: return .keyRefused
    case 404: return .notFound
    case 408, 502, 503, 504, 529: return .overloaded
    case 400..<500: return .requestRefused
    default: return .failed
    }
  }
}

extension ProviderErrorBody {
  func says(_ word: String) -> Bool { words.contains(word) }
}
