import AsyncHTTPClient
import NIOCore

extension HTTPClient.Configuration {
  /// How the one client is set that every provider shares: no redirects, no compression, a connection that fails at
  /// once when it fails, and HTTP/1.1.
  ///
  /// How long an answer may take is the business of the budgets above; a client-wide limit would cut long answers.
  ///
  /// - Parameters:
  ///   - connect: How long a connection with its TLS handshake may take.
  ///   - connections: Connections a host over HTTP/1.1; a call beyond them waits for one, at most `connect`.
  package static func upstream(connect: Duration, connections: Int) -> Self {
    var configuration = Self(
      redirectConfiguration: .disallow,
      timeout: Timeout(connect: TimeAmount(connect)),
      connectionPool: ConnectionPool(
        idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: connections),
      decompression: .disabled)
    // Trying again is decided above, where the next provider is known.
    configuration.connectionPool.retryConnectionEstablishment = false
    // Over HTTP/2 the client has one connection a host, and what its streams do not hold would wait inside the client, as
    // if the provider were slow; how many calls run at once is the gates' business.
    configuration.httpVersion = .http1Only
    configuration.networkFrameworkWaitForConnectivity = false
    return configuration
  }
}
