import AsyncHTTPClient
import NIOCore
import NexyCore

/// Why a call of a provider failed, before anybody asks what the provider meant.
package enum UpstreamFailure: Error, Sendable {
  /// No connection: the name, the address, TLS. With what the system says about it, for the log.
  case unreachable(String)
  case timedOut(UpstreamBudgets.Budget)
  /// The connection ended before the answer did.
  case cut(String)
  /// An answer with a status other than success.
  case refused(UpstreamRefusal)
  /// The answer is of another type than the one that was asked for.
  case wrongType(String)
}

/// What a provider answered in place of success.
package struct UpstreamRefusal: Sendable {
  /// More of a body is not read, in bytes.
  package static let bodyLimit = 64 << 10

  package let status: Int
  /// How long it wants to be left alone, from `Retry-After`.
  package let retryAfter: Duration?
  /// Its beginning.
  package let body: ByteBuffer

  package init(status: Int, retryAfter: Duration? = nil, body: ByteBuffer = ByteBuffer()) {
    self.status = status
    self.retryAfter = retryAfter
    self.body = body
  }
}

/// A body may quote a key or the user; it is read for its words and not shown.
extension UpstreamRefusal: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "status \(status)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension UpstreamFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let reason): "no connection: \(reason)"
    case .timedOut(let budget): "the budget \(budget.rawValue) is spent"
    case .cut(let reason): "the connection ended: \(reason)"
    case .refused(let refusal): "\(refusal)"
    case .wrongType(let type): "the answer is \(type)"
    }
  }
}

extension UpstreamFailure {
  /// What the HTTP client threw, in words that hold nothing of the request: its errors may quote a header.
  init(_ error: any Error, connected: Bool) {
    let reason: String
    switch error {
    case let failure as UpstreamFailure:
      self = failure
      return
    case let failure as HTTPClientError:
      switch failure {
      case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
        self = .timedOut(.connect)
        return
      default: reason = failure.shortDescription
      }
    case ChannelError.connectTimeout:
      self = .timedOut(.connect)
      return
    default: reason = String(Redaction.masked("\(error)").prefix(300))
    }
    self = connected ? .cut(reason) : .unreachable(reason)
  }
}
