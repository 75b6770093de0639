import NexyCore

/// What a provider did, told by its status and its own words.
package struct ProviderFault: Error, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case keyRefused = "key_refused"
    case keyExpired = "key_expired"
    case quota
    case notFound = "not_found"
    case notOffered = "not_offered"
    case requestRefused = "request_refused"
    case overloaded, failed, unreachable, redirected, stalled
    case cutOff = "cut_off"
    case blocked
    case badAnswer = "bad_answer"
    case empty
    case lengthReached = "length_reached"
  }

  package let names: ProviderNames
  package let kind: Kind
  /// How long the provider asks to be left alone.
  package let retryAfter: Duration?
  /// Whether the same call may succeed a little later.
  package let isWorthRetry: Bool
  /// The last characters of the key that was sent.
  package let keyEnding: String?
  /// Status, codes and reasons for the log: words made for machines, never a sentence, which may quote the user.
  package let words: [String]

  package init(
    _ kind: Kind, of names: ProviderNames, key: APIKey? = nil, retryAfter: Duration? = nil, isWorthRetry: Bool? = nil,
    words: [String] = []
  ) {
    self.names = names
    self.kind = kind
    self.retryAfter = retryAfter
    self.isWorthRetry = isWorthRetry ?? kind.isTransient
    self.keyEnding = key?.ending
    self.words = words.filter { word in key.map { !word.contains($0.text) } ?? true }
  }

  /// Whether it speaks against the provider, and not against the request or the settings.
  package var isProvidersFault: Bool { kind != .quota && kind.isTransient }

  /// Whether the key will be refused until somebody changes it.
  package var refusesKey: Bool { kind == .keyRefused || kind == .keyExpired }

  /// As the rest of the server knows it; the fault is its cause.
  package var error: NexyError {
    NexyError(NexyError.Code("\(names.port.rawValue)_\(kind.rawValue)"), message, cause: self)
  }
}

extension ProviderFault.Kind {
  fileprivate var isTransient: Bool {
    switch self {
    case .quota, .overloaded, .failed, .unreachable, .stalled, .cutOff, .badAnswer, .empty: true
    case .keyRefused, .keyExpired, .notFound, .notOffered, .requestRefused, .redirected, .blocked, .lengthReached:
      false
    }
  }
}

extension ProviderFault: CustomStringConvertible {
  package var description: String {
    let known = words + [retryAfter.map { "retry after \($0)" }, keyEnding.map { "key \($0)" }].compactMap(\.self)
    return "\(names.provider) \(kind.rawValue)" + (known.isEmpty ? "" : ": " + known.joined(separator: ", "))
  }
}
