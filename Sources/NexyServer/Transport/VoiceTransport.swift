import GRPCNIOTransportHTTP2
import NIOCore
import NexyCore
import NexyObservability
import Synchronization

/// The gRPC transport under its limits.
enum VoiceTransport {
  /// - Parameter turnLimit: How long a turn may take: a connection that must close waits for it.
  static func make(
    host: String, port: Int, limits: TransportLimits, turnLimit: Duration, metrics: ServerMetrics
  ) -> HTTP2ServerTransport.Posix {
    let uploads = Uploads()
    let connections = Connections(limit: limits.connections, metrics: metrics)
    return HTTP2ServerTransport.Posix(
      address: host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.rpc.maxRequestPayloadSize = limits.requestBytes
        config.http2.maxConcurrentStreams = limits.streamsPerConnection
        config.connection.maxIdleTime = limits.connectionIdle
        config.connection.maxAge = limits.connectionAge
        config.connection.maxGraceTime = turnLimit + .seconds(10)
        config.connection.keepalive.time = limits.keepaliveTime
        config.connection.keepalive.timeout = limits.keepaliveTimeout
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = limits.pingInterval
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { connections.accept($0) }
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              StreamGuard(limits: limits, uploads: uploads, metrics: metrics), position: .first)
          }
        }
      })
  }
}

/// Counts connections, and closes those that are too many.
private final class Connections: Sendable {
  private let open = Atomic(0)
  private let limit: Int
  private let metrics: ServerMetrics

  init(limit: Int, metrics: ServerMetrics) {
    self.limit = limit
    self.metrics = metrics
  }

  func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    let count = open.add(1, ordering: .relaxed).newValue
    metrics.connectionOpened()
    channel.closeFuture.whenComplete { [self] _ in
      open.subtract(1, ordering: .relaxed)
      metrics.connectionClosed()
    }
    if count > limit { channel.close(promise: nil) }
    return channel.eventLoop.makeSucceededVoidFuture()
  }
}
