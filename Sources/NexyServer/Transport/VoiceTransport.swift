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
    // A connection that must close waits for its longest turn.
    let connections = Connections(
      limit: limits.connections,
      lives: ConnectionGuard.Limits(
        idle: TimeAmount(limits.connectionIdle), age: TimeAmount(limits.connectionAge),
        grace: TimeAmount(turnLimit + .seconds(10))),
      metrics: metrics)
    return HTTP2ServerTransport.Posix(
      address: host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.rpc.maxRequestPayloadSize = limits.requestBytes
        config.http2.maxConcurrentStreams = limits.streamsPerConnection
        config.connection.keepalive.time = limits.keepaliveTime
        config.connection.keepalive.timeout = limits.keepaliveTimeout
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = limits.pingInterval
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { connections.accept($0) }
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              StreamGuard(limits: limits, uploads: uploads, metrics: metrics), position: .first)
            try channel.parent?.pipeline.syncOperations.handler(type: ConnectionGuard.self).watch(channel)
          }
        }
      })
  }
}

/// Counts connections, and closes those that are too many.
private final class Connections: Sendable {
  private let open = Atomic(0)
  private let limit: Int
  private let lives: ConnectionGuard.Limits
  private let metrics: ServerMetrics

  init(limit: Int, lives: ConnectionGuard.Limits, metrics: ServerMetrics) {
    self.limit = limit
    self.lives = lives
    self.metrics = metrics
  }

  func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    let count = open.add(1, ordering: .relaxed).newValue
    metrics.connectionOpened()
    channel.closeFuture.whenComplete { [self] _ in
      open.subtract(1, ordering: .relaxed)
      metrics.connectionClosed()
    }
    return channel.eventLoop.makeCompletedFuture { [lives, limit] in
      try channel.pipeline.syncOperations.addHandler(
        ConnectionGuard(limits: lives, isRefused: count > limit), position: .first)
    }
  }
}
