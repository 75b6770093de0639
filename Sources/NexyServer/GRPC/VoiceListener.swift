import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import ServiceLifecycle

/// The gRPC server: listens, and at a graceful stop lets running turns finish before it ends them.
package struct VoiceListener: Service {
  /// Bytes of one request: a 10 MiB screenshot in base64 fits.
  package static let requestLimit = 16 << 20
  /// How long connections may take to close after the last turn was ended.
  private static let closeLimit = Duration.seconds(5)

  private let address: (host: String, port: Int)
  private let gracePeriod: Duration
  private let registry: TurnRegistry
  private let intake: TurnIntake
  private let log: DecisionLog
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let onListening: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: 0 takes any free port.
  ///   - gracePeriod: How long running turns may go on after a stop was asked for.
  ///   - onListening: Told the real port once clients can connect.
  package init(
    host: String, port: Int, gracePeriod: Duration, voice: VoiceRoom, log: DecisionLog,
    onListening: @escaping @Sendable (Int) -> Void
  ) {
    address = (host, port)
    self.gracePeriod = gracePeriod
    registry = voice.registry
    intake = voice.intake
    self.log = log
    self.onListening = onListening
    let transport = HTTP2ServerTransport.Posix(
      address: host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.rpc.maxRequestPayloadSize = Self.requestLimit
        // Released clients ping every 60 to 120 seconds, also between calls.
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(10)
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
      })
    server = GRPCServer(
      transport: transport, services: [StreamingService(voice: voice, journal: RPCJournal(log: log))])
  }

  /// Listens until a graceful shutdown, or until its task is cancelled.
  ///
  /// - Throws: `NexyError` with code `portBusy` or `cannotListen`.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await serve() }
      group.addTask { try await announce() }
      group.addTask { try await drainWhenStopped() }
      group.addTask { await intake.sweep() }
      // Announcing ends at once; the listener's end, or a drain that took too long, ends the rest.
      try await group.next()
      try await group.next()
      group.cancelAll()
    }
  }

  private func serve() async throws {
    do {
      try await server.serve()
    } catch {
      throw PortHolder.listenError(service: "gRPC", setting: "GRPC", host: address.host, port: address.port, error)
    }
  }

  private func announce() async throws {
    // When the address cannot be bound `serve` says why.
    guard let port = try? await server.transport.listeningAddress.port else { return }
    onListening(port)
  }

  private func drainWhenStopped() async throws {
    try await gracefulShutdown()
    log.record(
      .shutdown, "Draining", scope: .server,
      context: [
        "active_turns": .stringConvertible(registry.count),
        "grace_s": .stringConvertible(gracePeriod.components.seconds),
      ])
    registry.beginDraining()
    server.beginGracefulShutdown()
    try await Task.sleep(for: gracePeriod)
    let ended = registry.interruptAll(.shuttingDown)
    log.record(
      .shutdown, "Grace period over", scope: .server, level: .warning,
      context: ["ended_turns": .stringConvertible(ended.count)])
    try await Task.sleep(for: Self.closeLimit)
  }
}

extension GRPCNIOTransportHTTP2.SocketAddress {
  fileprivate var port: Int? { ipv4?.port ?? ipv6?.port }
}
