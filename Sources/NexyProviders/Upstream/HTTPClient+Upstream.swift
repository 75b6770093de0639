import AsyncHTTPClient
import NIOCore

extension HTTPClient.Configuration {
  /// What `Upstream` needs of its client: no redirect is followed, for it would take the key along; a connection that
  /// fails is told at once; and there are as many connections as there are turns.
  package static func upstream(connect: Duration, connections: Int = 1024) -> Self {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.decompression = .disabled
    // Upstream's own clock ends the wait; this only frees what lies below, and needs more time for that.
    configuration.timeout = .init(connect: TimeAmount(connect) + .seconds(1))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }
}
