import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

// What went wrong below the provider's own format: the status of an answer, or the connection.

extension Upstream.Vendor {
  /// The fault of an answer that is none of success, by its status alone (RFC 9110, section 15,
  /// https://www.rfc-editor.org/rfc/rfc9110.html#section-15; 529 is what some providers send when they are busy).
  package func fault(of status: HTTPResponseStatus, _ headers: HTTPHeaders) -> ProviderFault {
    let delay = RetryDelay.asked(by: headers)
    switch status.code {
    case 300..<400:
      return ProviderFault(
        .redirected, "\(name) answered with a redirect (\(status.code)): set \(addressSetting) to the final address.")
    case 401, 403:
      return ProviderFault(.keyInvalid, "\(name) refused the key (\(status.code)): check \(keySetting).")
    case 402:
      return ProviderFault(.quota, "\(name) wants payment (402): check the account's credit.", retryAfter: delay)
    case 404:
      return ProviderFault(
        .modelNotFound, "\(name) found nothing there (404): check \(modelSetting) and \(addressSetting).")
    case 429:
      return ProviderFault(
        .quota, "\(name) takes no more calls for now (429): wait, or raise the quota.", retryAfter: delay)
    case 503, 529:
      return ProviderFault(
        .overloaded, "\(name) is overloaded (\(status.code)): try again in a while.", retryAfter: delay)
    case 408, 500...:
      return ProviderFault(
        .failing, "\(name) failed by itself (\(status.code)): see its status page.", retryAfter: delay)
    default:
      return ProviderFault(
        .requestRefused, "\(name) refused the request (\(status.code)): check \(modelSetting) and \(addressSetting).")
    }
  }

  /// The fault of an error that the HTTP client threw; `CancellationError` when the task is cancelled.
  func failure(_ error: any Error, isInBody: Bool) -> any Error {
    if Task.isCancelled || error is CancellationError { return CancellationError() }
    if isTrust(error) {
      return ProviderFault(
        .insecure, "\(name) has a certificate that is not trusted: check \(addressSetting) and this host's clock.")
    }
    switch error {
    case let error as HTTPClientError where Self.timeouts.contains(error):
      return ProviderFault(
        .tooSlow, "\(name) took too long to connect: check the network and \(addressSetting).")
    case let error as HTTPClientError where error.shortDescription == Self.badHeader:
      return ProviderFault(
        .keyInvalid, "\(name) has no key with such characters: check \(keySetting).")
    case let error as HTTPClientError where Self.badAddresses.contains(error.shortDescription):
      return ProviderFault(.requestRefused, "\(name) has no such address: check \(addressSetting).")
    case HTTPParserError.invalidEOFState: break
    case is HTTPParserError:
      return ProviderFault(.malformed, "\(name) did not answer in HTTP: check \(addressSetting).")
    default: break
    }
    return isInBody
      ? ProviderFault(.cutOff, "\(name) closed the connection in the middle of its answer: try again.")
      : ProviderFault(.unreachable, "\(name) could not be reached: check the network and \(addressSetting).")
  }

  private static let timeouts: [HTTPClientError] = [
    .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout,
    .socksHandshakeTimeout, .readTimeout, .writeTimeout, .deadlineExceeded,
  ]

  // These errors hold what they complain of, so they are told by the name that the client itself gives to the kind.
  private static let badHeader = HTTPClientError.invalidHeaderFieldValues([]).shortDescription
  private static let badAddresses = [
    HTTPClientError.invalidURL, .emptyHost, .emptyScheme, .unsupportedScheme(""),
  ].map(\.shortDescription)

  private func isTrust(_ error: any Error) -> Bool {
    switch error {
    // A peer that hangs up has nothing to do with trust.
    case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), NIOSSLError.uncleanShutdown: return false
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return true
    default: break
    }
    #if canImport(Network)
    return error is HTTPClient.NWTLSError
    #else
    return false
    #endif
  }
}
