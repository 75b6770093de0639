import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NexyCore
import NexyObservability
import NexyVoice

/// Facts that the pages tell.
package struct ServerFacts: Sendable {
  /// The newest release of the client, as it is now.
  package var latest: @Sendable () -> (version: String, build: String)
  /// The language model and the speech engine that answer.
  package var model: String
  package var voice: String
  /// Whether ffmpeg is installed: nothing here needs it, but operators' checks read the field.
  package var ffmpegAvailable: Bool
  /// The port that gRPC clients really connect to; nil before it listens.
  package var grpcPort: @Sendable () -> Int?
  /// The port that updates are served on; nil while they are not.
  package var updatesPort: @Sendable () -> Int?
  /// The flags by their keys, as they are now.
  package var flags: @Sendable () -> [String: Bool]
  /// The providers that turns may call, as they are now.
  package var providers: @Sendable () -> [ProviderFacts]
  package var registry: TurnRegistry
  /// How often one device may ask in a second; 0 is without a limit.
  package var deviceRate: Int
  package var health: ServerHealth
  package var metrics: ServerMetrics
  /// Whether /metrics answers only clients on this machine.
  package var metricsLoopbackOnly: Bool

  package init(
    latest: @escaping @Sendable () -> (version: String, build: String), model: String, voice: String,
    ffmpegAvailable: Bool, grpcPort: @escaping @Sendable () -> Int?,
    updatesPort: @escaping @Sendable () -> Int? = { nil }, flags: @escaping @Sendable () -> [String: Bool],
    providers: @escaping @Sendable () -> [ProviderFacts] = { [] }, registry: TurnRegistry, deviceRate: Int = 0,
    health: ServerHealth, metrics: ServerMetrics, metricsLoopbackOnly: Bool = true
  ) {
    self.latest = latest
    self.model = model
    self.voice = voice
    self.ffmpegAvailable = ffmpegAvailable
    self.grpcPort = grpcPort
    self.updatesPort = updatesPort
    self.flags = flags
    self.providers = providers
    self.registry = registry
    self.deviceRate = deviceRate
    self.health = health
    self.metrics = metrics
    self.metricsLoopbackOnly = metricsLoopbackOnly
  }
}

/// A provider as `/status` tells it.
package struct ProviderFacts: Sendable, Encodable {
  package var name: String
  /// `model` or `speech`.
  package var kind: String
  /// `closed` works; `open` is left alone; `half_open` is being tried.
  package var state: String
  /// The last four characters of its key.
  package var key: String?
  /// Why it is not called.
  package var reason: String?

  package init(name: String, kind: String, state: String, key: String? = nil, reason: String? = nil) {
    self.name = name
    self.kind = kind
    self.state = state
    self.key = key
    self.reason = reason
  }
}

/// The pages of the voice server's HTTP side.
struct StatusPages {
  private struct Health: Encodable {
    /// `OK`, `degraded` or `draining`.
    let status: String
    /// Whether turns are taken.
    let ready: Bool
    /// What is wrong, one line each.
    let reasons: [String]
    let latestVersion: String
    let latestBuild: String
    let serverVersion = Nexy.version
    let ffmpegAvailable: Bool
  }

  private struct Status: Encodable {
    struct Endpoints: Encodable {
      let health = "/health"
      let status = "/status"
      let metrics = "/metrics"
      let grpc: String
      let updates: String
    }

    struct Limits: Encodable {
      let turns: Int
      let turnsPerDevice: Int
      let turnSeconds: Int64
      let idleSeconds: Int64
      let deviceRequestsPerSecond: Int
    }

    let status = "running"
    let service = "voice-assistant"
    let health: String
    let latestVersion: String
    let latestBuild: String
    let serverVersion = Nexy.version
    let uptimeSeconds: Int64
    let model: String
    let voice: String
    let voiceAvailable: Bool
    let activeTurns: Int
    let limits: Limits
    let flags: [String: Bool]
    let providers: [ProviderFacts]
    let updateServer: String
    let endpoints: Endpoints
  }

  let facts: ServerFacts
  private let began = ContinuousClock.now

  init(facts: ServerFacts) { self.facts = facts }

  /// Degraded is still 200: what works goes on working, and the reasons tell the rest.
  func health() throws -> Response {
    let report = facts.health.report
    let latest = facts.latest()
    let body = Health(
      status: report.condition.rawValue, ready: report.isServing, reasons: report.troubles.map(\.reason),
      latestVersion: latest.version, latestBuild: latest.build, ffmpegAvailable: facts.ffmpegAvailable)
    let isGood = report.condition == .ready
    return try JSONAnswer.make(
      body, status: report.condition == .draining ? .serviceUnavailable : .ok,
      headers: [
        .cacheControl: isGood ? "public, max-age=30" : "no-cache, no-store, must-revalidate",
        HTTPField.Name("Pragma")!: "no-cache", .expires: "0",
      ])
  }

  func status() throws -> Response {
    let limits = facts.registry.limits
    let report = facts.health.report
    let latest = facts.latest()
    let updates = facts.updatesPort()
    let body = Status(
      health: report.condition.rawValue, latestVersion: latest.version, latestBuild: latest.build,
      uptimeSeconds: (ContinuousClock.now - began).components.seconds, model: facts.model, voice: facts.voice,
      voiceAvailable: !report.troubles.contains { $0.kind == .speech }, activeTurns: facts.registry.count,
      limits: .init(
        turns: limits.turns, turnsPerDevice: limits.turnsPerDevice, turnSeconds: limits.total.components.seconds,
        idleSeconds: limits.idle.components.seconds, deviceRequestsPerSecond: facts.deviceRate),
      flags: facts.flags(), providers: facts.providers(), updateServer: updates == nil ? "disabled" : "enabled",
      endpoints: .init(
        grpc: facts.grpcPort().map { "port \($0)" } ?? "starting",
        updates: updates.map { "port \($0)" } ?? "disabled"))
    return try JSONAnswer.make(body)
  }

  /// What Prometheus reads; only on this machine, unless it is set otherwise.
  ///
  /// - Parameter isForwarded: Whether a proxy on this machine asks for somebody else.
  func metrics(for peer: SocketAddress?, isForwarded: Bool) throws -> Response {
    guard !facts.metricsLoopbackOnly || (peer?.isLoopback ?? false) && !isForwarded else {
      return try JSONAnswer.make(
        JSONAnswer.Failure(
          error: "Metrics are told on this machine only; metrics.loopback_only: false opens them."),
        status: .forbidden)
    }
    facts.metrics.setReady(facts.health.report.isServing)
    return Response(
      status: .ok, headers: [.contentType: PrometheusText.contentType],
      body: .init(byteBuffer: ByteBuffer(string: facts.metrics.exposition())))
  }

  func root() -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: "Voice Assistant Server is running!\n")))
  }
}

/// JSON bodies: keys in snake case, sorted.
enum JSONAnswer {
  struct Failure: Encodable {
    let error: String
  }

  static func make(
    _ body: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var headers = headers
    headers[.contentType] = "application/json; charset=utf-8"
    let bytes = ByteBuffer(bytes: try encoder.encode(body) + [0x0A])
    headers[.contentLength] = "\(bytes.readableBytes)"
    return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
  }
}

extension SocketAddress {
  /// Whether the peer is this very machine.
  fileprivate var isLoopback: Bool {
    guard let ip = ipAddress else { return true }
    return ip == "::1" || ip.hasPrefix("127.") || ip.hasPrefix("::ffff:127.")
  }
}
