import GRPCNIOTransportHTTP2
import NIOCore
import NexyCore
import NexyObservability
import NexyVoice

/// The gRPC transport under its limits, and the way to close it without cutting a turn.
struct VoiceTransport: Sendable {
  let server: HTTP2ServerTransport.Posix
  private let connections: Connections

  /// - Parameters:
  ///   - turns: A connection that must close waits for its longest turn; a stream that stands still, for its idle limit.
  init(
    host: String, port: Int, limits: TransportLimits, turns: TurnLimits, metrics: ServerMetrics
  ) {
    let uploads = Uploads()
    let lives = ConnectionGuard.Limits(
      idle: TimeAmount(limits.connectionIdle), age: TimeAmount(limits.connectionAge),
      grace: TimeAmount(turns.total + .seconds(10)))
    let connections = Connections(limit: limits.connections, lives: lives, metrics: metrics)
    self.connections = connections
    server = HTTP2ServerTransport.Posix(
      address: host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.rpc.maxRequestPayloadSize = limits.requestBytes
        config.http2.maxConcurrentStreams = limits.streamsPerConnection
        config.connection.keepalive.time = limits.keepaliveTime
        config.connection.keepalive.timeout = limits.keepaliveTimeout
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = limits.pingInterval
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        config.channelDebuggingCallbacks.onBindTCPListener = { connections.listen($0) }
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { connections.accept($0) }
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              StreamGuard(limits: limits, idle: turns.idle, uploads: uploads, metrics: metrics), position: .first)
            try channel.parent?.pipeline.syncOperations.handler(type: ConnectionGuard.self).watch(channel)
          }
        }
      })
  }

  /// Takes no new connections, and tells the open ones to go when their calls have ended.
  ///
  /// The transport's own graceful shutdown cancels running calls and refuses new ones in a way that breaks their
  /// connection.
  ///
  /// - Parameter time: After it a connection is closed in any case.
  func drain(within time: Duration) { connections.drain(within: TimeAmount(time)) }
}
