import NexyCore

/// Why a call of a provider failed, as far as it matters for what happens next.
package struct ProviderFault: Error, Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The key is wrong, revoked or may not use the service.
    case keyInvalid = "key_invalid"
    case keyExpired = "key_expired"
    /// Too many calls, or the budget is used up.
    case quota
    case modelNotFound = "model_not_found"
    /// Busy at the moment: 503, 529 and their like.
    case overloaded
    /// Another failure of the provider's own: 500, 502, 504.
    case failing
    /// No connection: refused, reset before an answer, no such host.
    case unreachable
    /// The certificate or the handshake is wrong.
    case insecure
    /// No connection, no first delta, no first sound within the budget.
    case tooSlow = "too_slow"
    /// The answer stood still for longer than its budget.
    case stalled
    /// The answer ended before its end.
    case cutOff = "cut_off"
    /// The answer is not in the provider's format, or larger than any answer.
    case malformed
    /// An answer that sends elsewhere; calls with keys and screens follow nobody.
    case redirected
    /// The request is not one that the provider takes.
    case requestRefused = "request_refused"
    /// The provider's safety rules keep it from answering this one.
    case blocked
    /// The provider answered, but with nothing in it.
    case empty
  }

  package let kind: Kind
  /// What happened and what the operator can do; holds no key and no words of a user.
  package let remedy: String
  /// How long the provider itself asks to wait.
  package let retryAfter: Duration?
  /// More of it, for the log alone; holds no key and no words of a user either.
  package let detail: String?

  package init(_ kind: Kind, _ remedy: String, retryAfter: Duration? = nil, detail: String? = nil) {
    self.kind = kind
    self.remedy = remedy
    self.retryAfter = retryAfter
    self.detail = detail
  }

  /// What any error of a provider means; one that is unknown tells its type alone, because its words may hold anything.
  package init(of error: any Error) {
    switch error {
    case let fault as ProviderFault: self = fault
    case let error as NexyError: self.init(.failing, error.message, detail: error.fullDetail)
    default: self.init(.failing, "The call failed in an unknown way.", detail: "\(type(of: error))")
    }
  }
}

extension ProviderFault.Kind {
  /// Whether the same call may work a moment later.
  package var isPassing: Bool {
    switch self {
    case .quota, .overloaded, .failing, .unreachable, .tooSlow, .stalled, .cutOff, .malformed, .empty: true
    case .keyInvalid, .keyExpired, .modelNotFound, .insecure, .redirected, .requestRefused, .blocked: false
    }
  }

  /// Whether the same provider may answer another key: what is wrong with the key, or with the capacity behind it.
  package var mayBeOfTheKey: Bool {
    switch self {
    case .keyInvalid, .keyExpired, .quota, .overloaded, .failing: true
    case .modelNotFound, .unreachable, .insecure, .tooSlow, .stalled, .cutOff, .malformed, .redirected,
      .requestRefused, .blocked, .empty:
      false
    }
  }

  /// Whether the key itself is refused: no call with it will work.
  package var refusesTheKey: Bool { [.keyInvalid, .keyExpired].contains(self) }

  /// Whether it counts against the provider; what the request itself brought about does not.
  package var isOfTheProvider: Bool { ![.requestRefused, .blocked].contains(self) }
}

extension ProviderFault: CustomStringConvertible {
  /// As the log tells it.
  package var description: String {
    "\(kind.rawValue): \(remedy)" + (detail.map { " (\($0))" } ?? "")
  }
}
