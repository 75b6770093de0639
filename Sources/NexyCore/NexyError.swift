/// A failure that says what happened and what to do about it.
///
/// `message` names the remedy and may reach a client or a terminal; `detail` is for the log alone, so that a server
/// fault never shows its internals to a listener.
package struct NexyError: Error, Sendable {
  /// A stable name for a kind of failure; rooms add their own as static members.
  package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { rawValue = name }
    package var description: String { rawValue }
  }

  /// What kind of failure it is.
  package let code: Code
  /// What happened and what to do; may reach a client.
  package let message: String
  /// More of it, for the log alone.
  package let detail: String?
  /// What was thrown below, for the log alone.
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, detail: String? = nil, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.detail = detail
    self.cause = cause
  }
}

extension NexyError: CustomStringConvertible {
  /// The message as an operator reads it; never the cause's own words.
  package var description: String { "\(code): \(message)" }
}

extension NexyError {
  /// Everything known about the failure, for the log.
  package var fullDetail: String? {
    let parts = [detail, cause.map { "\($0)" }].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
