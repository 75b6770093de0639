import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Why an exchange over HTTP failed, in words of our own: errors of libraries hold header fields and whole addresses,
/// and so may hold a token.
struct WebFault: Error, Equatable {
  /// The middle of a sentence, such as "the connection was refused".
  let reason: String

  init(_ reason: String) { self.reason = reason }

  /// What a library threw; a `CancellationError` when the task is cancelled, and our own errors as they are.
  static func of(_ error: any Error) -> any Error {
    if Task.isCancelled || error is CancellationError { return CancellationError() }
    switch error {
    case is Self, is PartFile.NameTaken: return error
    case let error as HTTPClientError: return Self(words(error))
    case let error as NIOConnectionError:
      let reason = error.connectionErrors.first.map { words($0.error) } ?? error.dnsAError.map { _ in noHost }
      return Self(reason ?? noHost)
    case is NIOTooManyBytesError, is ResponseAccumulator.ResponseTooBigError:
      return Self("the answer is larger than it may be")
    case HTTPParserError.invalidEOFState: return Self(cut)
    case is HTTPParserError: return Self("the answer is not HTTP")
    case NIOSSLError.uncleanShutdown: return Self(cut)
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      return Self("the server's certificate is not trusted, or it does not speak TLS")
    case is IOError, is ChannelError: return Self(words(error))
    default: return error
    }
  }

  static let cut = "the connection was cut"
  private static let noHost = "the host's name could not be looked up"

  private static func words(_ error: any Error) -> String {
    guard let error = error as? IOError else { return cut }
    switch error.errnoCode {
    case ECONNREFUSED: return "the connection was refused"
    case ECONNRESET, EPIPE: return cut
    default: return String(cString: strerror(error.errnoCode))
    }
  }

  private static func words(_ error: HTTPClientError) -> String {
    switch error {
    case .remoteConnectionClosed: cut
    case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: "no connection came about in time"
    case .readTimeout, .writeTimeout, .deadlineExceeded: "it took too long"
    default: error.shortDescription.prefix(1).lowercased() + error.shortDescription.dropFirst()
    }
  }
}
