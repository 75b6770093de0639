import NexyCore

extension ProviderFault {
  /// What happened and what to do about it.
  var message: String {
    let provider = names.port == .model ? "The language model" : "The speech engine"
    switch kind {
    case .keyRefused: return "\(provider) refused the server's key. Check \(names.keySetting)."
    case .keyExpired: return "\(provider)'s key has expired. Put a new one into \(names.keySetting)."
    case .quota where !isWorthRetry:
      return "\(provider)'s account is used up. Top it up, or put another key into \(names.keySetting)."
    case .quota:
      return "\(provider)'s quota is used up for now. Please try again \(moment), or raise the account's quota."
    case .notFound:
      return "\(provider) was not found. Check \(names.modelSetting) and \(names.addressSetting)."
    case .notOffered:
      return "\(provider) is not offered where the server stands. Choose another provider, or enable billing there."
    case .requestRefused:
      return "\(provider) refused the request. Check \(names.modelSetting) and its settings; the log has the reason."
    case .overloaded: return "\(provider) is overloaded. Please try again \(moment)."
    case .failed: return "\(provider) failed. Please try again."
    case .unreachable:
      return "\(provider) cannot be reached. Check the server's network and \(names.addressSetting)."
    case .redirected: return "\(provider) has moved. Put its new address into \(names.addressSetting)."
    case .stalled: return "\(provider) stopped answering. Please try again."
    case .cutOff: return "\(provider)'s answer broke off. Please try again."
    case .blocked: return "\(provider) declined to answer this. Please ask in another way."
    case .badAnswer:
      return "\(provider)'s answer could not be read. Please try again; if it stays so, check \(names.addressSetting)."
    case .empty: return "\(provider) gave no answer. Please try again."
    case .lengthReached:
      return "\(provider) used up its tokens before it answered. Raise TEXT_PROCESSING_MAX_TOKENS."
    }
  }

  /// When to try again.
  private var moment: String {
    guard let retryAfter, retryAfter > .zero else { return "in a minute" }
    let seconds = max(1, Int(retryAfter.inSeconds.rounded(.up)))
    return seconds < 120 ? "in \(seconds) second\(seconds == 1 ? "" : "s")" : "in \((seconds + 59) / 60) minutes"
  }
}
