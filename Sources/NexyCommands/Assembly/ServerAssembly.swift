import Foundation
import Logging
import NexyConfig
import NexyCore
import NexyObservability
import NexyProviders
import NexyServer
import NexyVoice
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Joins the rooms into a running server.
struct ServerAssembly {
  /// Where clients connect, once they can.
  struct Addresses: Sendable {
    var grpcPort: Int?
    var httpPort: Int?
  }

  let settings: Settings
  let providers: ProviderAssembly.Chosen
  let log: DecisionLog
  let voice: VoiceRoom
  private let environment: [String: String]

  init(settings: Settings, environment: [String: String]) throws {
    self.settings = settings
    self.environment = environment
    providers = try ProviderAssembly.choose(settings, environment: environment)
    log = DecisionLog(level: Self.level(settings.logLevel)) { Terminal.error($0) }
    voice = Self.voiceRoom(settings, providers)
  }

  /// Runs until a signal stops it.
  ///
  /// - Parameter onReady: Told both ports once both listen.
  func run(onReady: @escaping @Sendable (_ grpcPort: Int, _ httpPort: Int) -> Void) async throws {
    let addresses = SharedAddresses(onReady: onReady)
    let listener = VoiceListener(
      host: settings.grpc.host, port: settings.grpc.port, gracePeriod: settings.gracePeriod, voice: voice, log: log,
      onListening: { addresses.set(\.grpcPort, $0) })
    let facts = ServerFacts(
      latestVersion: settings.latestVersion, latestBuild: settings.latestBuild, model: providers.model.name,
      voice: providers.synthesizer.name, voiceAvailable: providers.canSpeak,
      ffmpegAvailable: Executable.find("ffmpeg", environment: environment) != nil,
      grpcPort: { addresses.current.grpcPort }, activeTurns: { [registry = voice.registry] in registry.count })
    let status = StatusListener(
      host: settings.http.host, port: settings.http.port, facts: facts, log: log,
      onListening: { addresses.set(\.httpPort, $0) })
    // The last is stopped first: health answers while turns drain.
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: status), .init(service: listener)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log.logger(label: "server", level: .error)))
    try await group.run()
    log.record(.stop, "Server stopped", scope: .server)
  }

  private static func voiceRoom(_ settings: Settings, _ providers: ProviderAssembly.Chosen) -> VoiceRoom {
    let features: [(Bool, CommandPolicy.Feature)] = [
      (settings.features.messages, .messages), (settings.features.whatsApp, .whatsApp),
      (settings.features.browser, .browser),
    ]
    let rules = Turn.Rules(
      merge: MergeRules(
        minimumCharacters: settings.streaming.minimumCharacters, minimumWords: settings.streaming.minimumWords,
        firstSentenceMinimumWords: settings.streaming.firstSentenceMinimumWords),
      chunkSamples: settings.audio.chunkBytes / 2,
      commands: CommandPolicy(
        forwards: settings.features.forwardActions, features: Set(features.filter(\.0).map(\.1))),
      limit: settings.turnLimit)
    return VoiceRoom(
      intake: TurnIntake(buffer: CollectBuffer()), registry: TurnRegistry(),
      turn: Turn(model: providers.model, synthesizer: providers.synthesizer, rules: rules),
      welcome: Welcome(synthesizer: providers.synthesizer, rules: rules),
      usage: SQLiteUsageLedger(path: "\(settings.dataFolder)/nexy.sqlite"))
  }

  private static func level(_ level: Settings.LogLevel) -> Logger.Level {
    switch level {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}

/// The ports of a server that is starting; tells once when all are known.
private final class SharedAddresses: Sendable {
  private let state = Mutex(ServerAssembly.Addresses())
  private let onReady: @Sendable (Int, Int) -> Void

  init(onReady: @escaping @Sendable (Int, Int) -> Void) { self.onReady = onReady }

  var current: ServerAssembly.Addresses { state.withLock { $0 } }

  func set(_ port: any WritableKeyPath<ServerAssembly.Addresses, Int?> & Sendable, _ value: Int) {
    let addresses = state.withLock { state in
      state[keyPath: port] = value
      return state
    }
    if let grpc = addresses.grpcPort, let http = addresses.httpPort { onReady(grpc, http) }
  }
}
