import AsyncHTTPClient
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

/// Joins the rooms into a running server.
struct ServerAssembly {
  /// Where clients connect, once they can.
  struct Addresses: Sendable {
    var grpcPort: Int?
    var httpPort: Int?
    /// Stays nil where updates are switched off.
    var updatesPort: Int?
  }

  let settings: Settings
  let plan: ProviderPlan
  let log: DecisionLog
  private let environment: [String: String]
  private let load: @Sendable () throws -> Settings
  private let board: FlagBoard
  private let logFile: LogFile?
  private let logQueue: LogQueue
  private let metrics: ServerMetrics
  private let health: ServerHealth
  private let outcomes: SpeechOutcomes
  private let client: HTTPClient
  private let models: ModelChain
  private let engines: SpeechChain
  private let voice: VoiceRoom
  private let work: [BackgroundWork]
  private let updates: UpdateAssembly?

  /// - Parameter load: Reads all sources of settings; asked again when one changes.
  init(environment: [String: String], load: @escaping @Sendable () throws -> Settings) throws {
    settings = try load()
    self.environment = environment
    self.load = {
      let settings = try load()
      // A change that the next start would refuse is told now.
      _ = try ProviderPlan(settings, environment: environment)
      return settings
    }
    plan = try ProviderPlan(settings, environment: environment)
    board = FlagBoard(settings.flags)
    metrics = ServerMetrics()
    health = ServerHealth()
    outcomes = SpeechOutcomes(isMissing: !plan.canSpeak)
    logFile = try LogAssembly.file(settings.log, health: health)
    logQueue = LogAssembly.queue()
    log = LogAssembly.log(settings.log, file: logFile, queue: logQueue, metrics: metrics)
    // Nothing below throws: the client must be shut down by `run`.
    client = HTTPClient(
      eventLoopGroup: HTTPClient.defaultEventLoopGroup,
      configuration: .upstream(connect: settings.providers.connect, connections: 2 * settings.providers.calls))
    updates = UpdateAssembly(settings, board: board, log: log, metrics: metrics)
    let stores = StoreAssembly(settings, board: board, health: health, log: log)
    let providers = ProviderAssembly(
      settings: settings, plan: plan, client: client, metrics: metrics, ledger: stores.ledger,
      flags: { [board] in board.current })
    let watch = ProviderWatch(journal: ProviderJournal(log: log), metrics: metrics, health: health)
    let links = providers.models()
    models = ModelChain(links, observe: watch.note)
    engines = SpeechChain(providers.engines(), observe: watch.note)
    watch.refresh(models.states + engines.states)
    let learners = zip(plan.models, links).filter { $0.0.vendor != nil }.map(\.1)
    var (memory, work) = stores.open(
      model: learners.isEmpty ? nil : ModelChain(learners, observe: watch.note))
    work.append(
      BackgroundWork { [models, engines] in
        while (try? await Task.sleep(for: .seconds(1))) != nil { watch.refresh(models.states + engines.states) }
      })
    self.work = work
    voice = VoiceAssembly(
      settings: settings, board: board, model: models,
      synthesizer: WatchedSynthesizer(engines, outcomes: outcomes), memory: memory, usage: stores.ledger
    ).room()
  }

  /// Runs until a signal stops it.
  ///
  /// - Parameter onReady: Told the ports once all listen.
  func run(onReady: @escaping @Sendable (Addresses) -> Void) async throws {
    defer { logQueue.flush() }
    do {
      try await serve(onReady: onReady)
    } catch {
      try? await client.shutdown()
      throw error
    }
    try await client.shutdown()
    log.record(.stop, "Server stopped", scope: .server)
  }

  private func serve(onReady: @escaping @Sendable (Addresses) -> Void) async throws {
    let addresses = SharedAddresses(expected: updates == nil ? 2 : 3, onReady: onReady)
    let listener = VoiceListener(
      host: settings.grpc.host, port: settings.grpc.port, gracePeriod: settings.gracePeriod, voice: voice,
      health: health, metrics: metrics, log: log, isReflecting: { [board] in board.current[.reflection] },
      onListening: { addresses.set(\.grpcPort, $0) })
    let status = StatusListener(
      host: settings.http.host, port: settings.http.port, facts: facts(addresses), log: log,
      onListening: { addresses.set(\.httpPort, $0) })
    let watch = SettingsWatch(
      files: SettingsSources.files(environment: environment), load: load, started: settings, board: board,
      health: health, log: log, onHangUp: { [logFile] in logFile?.reopen() })
    let snapshots = SnapshotService(writer: SnapshotWriter(metrics: metrics), log: log)
    let speech = SpeechWatch(synthesizer: engines, outcomes: outcomes, health: health, log: log)
    // The last is stopped first: health and metrics answer while turns drain, and what turns leave is kept.
    let services: [any Service] =
      work + [status, snapshots, watch]
      + (updates?.services { addresses.set(\.updatesPort, $0) } ?? []) + [speech, listener]
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0) }, logger: log.logger(label: "server", level: .error)))
    try await StopSignals(log: log).run(group)
  }

  private func facts(_ addresses: SharedAddresses) -> ServerFacts {
    ServerFacts(
      latest: { [settings, updates] in updates?.latest ?? (settings.latestVersion, settings.latestBuild) },
      model: models.name, voice: engines.name,
      ffmpegAvailable: Executable.find("ffmpeg", environment: environment) != nil,
      grpcPort: { addresses.current.grpcPort }, updatesPort: { addresses.current.updatesPort },
      flags: { [board] in
        let values = board.current
        let shown = FeatureFlag.all.filter { $0.kind != .retired }
        return Dictionary(shown.map { ($0.key, values[$0]) }) { first, _ in first }
      },
      providers: { [models, engines] in (models.states + engines.states).map(ProviderFacts.init) },
      registry: voice.registry, deviceRate: settings.admission.requestsPerSecond, health: health, metrics: metrics,
      metricsLoopbackOnly: settings.metricsLoopbackOnly)
  }
}

/// The ports of a server that is starting; tells once when all are known.
private final class SharedAddresses: Sendable {
  private let state = Mutex((addresses: ServerAssembly.Addresses(), missing: 0))
  private let onReady: @Sendable (ServerAssembly.Addresses) -> Void

  init(expected: Int, onReady: @escaping @Sendable (ServerAssembly.Addresses) -> Void) {
    self.onReady = onReady
    state.withLock { $0.missing = expected }
  }

  var current: ServerAssembly.Addresses { state.withLock { $0.addresses } }

  func set(_ port: any WritableKeyPath<ServerAssembly.Addresses, Int?> & Sendable, _ value: Int) {
    let ready = state.withLock { state -> ServerAssembly.Addresses? in
      state.addresses[keyPath: port] = value
      state.missing -= 1
      return state.missing == 0 ? state.addresses : nil
    }
    if let ready { onReady(ready) }
  }
}
