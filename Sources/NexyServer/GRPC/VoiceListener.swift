import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import NexyWire
import ServiceLifecycle

/// The gRPC server: listens, and at a graceful stop lets running turns finish before it ends them.
package struct VoiceListener: Service {
  /// How long connections may take to close after the last turn was ended.
  private static let closeLimit = Duration.seconds(5)

  private let address: (host: String, port: Int)
  private let gracePeriod: Duration
  private let voice: VoiceRoom
  private let health: ServerHealth
  private let log: DecisionLog
  private let transport: VoiceTransport
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let onListening: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - port: 0 takes any free port.
  ///   - gracePeriod: How long running turns may go on after a stop was asked for.
  ///   - isReflecting: Whether server reflection answers now.
  ///   - onListening: Told the real port once clients can connect.
  package init(
    host: String, port: Int, gracePeriod: Duration, voice: VoiceRoom, health: ServerHealth, metrics: ServerMetrics,
    log: DecisionLog, isReflecting: @escaping @Sendable () -> Bool, onListening: @escaping @Sendable (Int) -> Void
  ) {
    address = (host, port)
    self.gracePeriod = gracePeriod
    self.voice = voice
    self.health = health
    self.log = log
    self.onListening = onListening
    let reflection = Reflection(schema: .own, isOn: isReflecting)
    transport = VoiceTransport(
      host: host, port: port, limits: TransportLimits(), turns: voice.registry.limits, metrics: metrics)
    server = GRPCServer(
      transport: transport.server,
      services: [
        StreamingService(voice: voice), HealthService(health: health), ReflectionService(reflection: reflection),
        OldReflectionService(reflection: reflection),
      ],
      interceptors: [RPCJournal(log: log, metrics: metrics)])
  }

  /// Listens until a graceful shutdown, or until its task is cancelled.
  ///
  /// - Throws: `NexyError` with code `portBusy` or `cannotListen`.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await serve() }
      group.addTask { try await announce() }
      group.addTask { try await drainWhenStopped() }
      group.addTask { await voice.intake.sweep() }
      group.addTask { await voice.registry.enforceLimits() }
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
        "active_turns": .stringConvertible(voice.registry.count),
        "grace_s": .stringConvertible(gracePeriod.components.seconds),
      ])
    voice.registry.beginDraining()
    health.note(.draining, "The server stops: running turns finish, new ones are refused.")
    transport.drain(within: gracePeriod + Self.closeLimit)
    try await Task.sleep(for: gracePeriod)
    let ended = voice.registry.interruptAll(.shuttingDown)
    log.record(
      .shutdown, "Grace period over", scope: .server, level: .warning,
      context: ["ended_turns": .stringConvertible(ended)])
    try await Task.sleep(for: Self.closeLimit)
  }
}

extension GRPCNIOTransportHTTP2.SocketAddress {
  fileprivate var port: Int? { ipv4?.port ?? ipv6?.port }
}
