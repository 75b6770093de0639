import NexyCore

/// Everything an operator can set, checked; the initialiser below is the table of keys, names, defaults and limits.
package struct Settings: Sendable {
  /// Whose presets are in force.
  package enum Environment: String, CaseIterable, Sendable { case dev, stage, prod }
  /// The lowest level that is logged.
  package enum LogLevel: String, CaseIterable, Sendable { case debug, info, warning, error, critical }
  /// Where a listener binds; port 0 takes any free one.
  package struct Listener: Sendable {
    package var host: String
    package var port: Int
  }

  /// The form of audio messages.
  package struct Audio: Sendable {
    /// Bytes of one audio message at most.
    package var chunkBytes: Int
  }

  /// When a sentence is long enough to be said alone.
  package struct Streaming: Sendable {
    package var minimumCharacters: Int
    package var minimumWords: Int
    package var firstSentenceMinimumWords: Int
  }

  /// What turns may take of the server, and of a client's patience.
  package struct Admission: Sendable, Equatable {
    package var turns: Int
    package var turnsPerDevice: Int
    /// Requests a second of one device; 0 is no limit.
    package var requestsPerSecond: Int
    /// How long a turn may move nothing.
    package var idleLimit: Duration
    /// Messages a second of one turn; 0 is no limit.
    package var messagesPerSecond: Int
    /// Whether that figure is a preset, which lets sound go out as fast as it is played.
    package var paceIsPreset: Bool
    /// Bytes of a screenshot once it is decoded.
    package var imageLimit: Int
  }

  /// The form in which log lines are written.
  package enum LogForm: String, CaseIterable, Sendable { case decision, json }

  /// Where the log goes beside standard error.
  package struct Log: Sendable, Equatable {
    package var level: LogLevel
    package var form: LogForm
    /// A path; nil writes no file.
    package var file: String?
    /// Bytes after which a new file begins.
    package var fileLimit: Int
    /// Full files that are kept.
    package var backups: Int
  }

  package var environment: Environment
  package var runtime: Runtime
  /// The folder for everything the server writes, relative to the working folder.
  package var dataFolder: String
  package var grpc: Listener
  package var http: Listener
  package var updates: Updates
  package var release: Release
  package var model: Model
  package var speech: Speech
  package var providers: Providers
  package var memory: Memory
  /// What providers charge, for `nexy usage report`.
  package var usagePrices: String
  package var audio: Audio
  package var streaming: Streaming
  package var flags: FlagValues
  package var admission: Admission
  /// How long one turn may take from its request to its terminal.
  package var turnLimit: Duration
  /// How long running turns may go on after a stop was asked for.
  package var gracePeriod: Duration
  package var log: Log
  /// Whether /metrics answers only clients on this machine.
  package var metricsLoopbackOnly: Bool
  /// The version and build that `/health` calls latest.
  package var latestVersion: String
  package var latestBuild: String

  /// Every setting with the value in force and where it came from, in the order of the table.
  package private(set) var resolved: [ResolvedSetting] = []
  /// Values that must not leave this machine: keys, tokens, passwords.
  package private(set) var secrets: [String] = []
  /// What is odd, but does not keep the server from starting.
  package private(set) var warnings: [String] = []
  /// Keys that hold what a template has in a key's place, by their environment names.
  package private(set) var placeholders: [String] = []
  /// Keys in files that no setting reads.
  package private(set) var unknownKeys: [String] = []

  /// The one database: usage, recent exchanges and facts.
  package var databasePath: String { "\(dataFolder)/nexy.sqlite" }

  /// - Throws: `NexyError` with code `badSettings` that names every bad value with its key, its source, what was read
  ///   and what is allowed.
  package init(_ sources: SettingsSources) throws {
    var reader = SettingsReader(sources)
    self.init(reading: &reader)
    resolved = reader.resolved
    warnings = reader.warnings
    placeholders = reader.placeholders
    secrets = reader.secrets
    unknownKeys = sources.unknownKeys
    let problems = reader.problems + unknownKeys.map { "\($0) is not a setting; remove it or correct its name." }
    guard problems.isEmpty else {
      throw NexyError(.badSettings, (["Settings are wrong:"] + problems).joined(separator: "\n  "))
    }
  }

  init(reading reader: inout SettingsReader) {
    environment = reader.choice("environment", "NEXY_ENV", default: .prod)
    runtime = reader.choice("runtime", "NEXY_RUNTIME", default: .production)
    dataFolder = reader.text("data_dir", "NEXY_DATA_DIR", default: runtime.dataFolder)

    grpc = Listener(
      host: reader.host("grpc.host", "GRPC_HOST", in: environment),
      port: reader.integer("grpc.port", "GRPC_PORT", default: runtime.ports.grpc, in: 0...65535))
    http = Listener(
      host: reader.host("http.host", "HTTP_HOST", in: environment),
      port: reader.integer("http.port", "HTTP_PORT", default: runtime.ports.http, in: 0...65535))
    updates = Self.updates(&reader, in: environment, port: runtime.ports.updates)
    release = Self.release(&reader, updates: updates, dataFolder: dataFolder)

    model = Self.model(&reader)
    speech = Self.speech(&reader, openAI: model.openAI)
    providers = Self.providers(&reader)
    memory = Self.memory(&reader)
    usagePrices = reader.text("usage.prices", "USAGE_PRICES", default: "")

    // Released clients play 48 kHz mono only; the keys exist so that a file that says otherwise is refused.
    _ = reader.integer("audio.sample_rate", "SAMPLE_RATE", default: 48000, in: 48000...48000)
    _ = reader.integer("audio.channels", "AUDIO_CHANNELS", default: 1, in: 1...1)
    audio = Audio(
      chunkBytes: reader.integer(
        "audio.streaming_chunk_size", "STREAMING_CHUNK_SIZE", default: 4096, in: 256...4096, multipleOf: 2))

    streaming = Streaming(
      minimumCharacters: reader.integer(
        "workflow.stream_min_chars", "STREAM_MIN_CHARS", aliases: ["TTS_MIN_CHARS"], default: 15, in: 1...1000),
      minimumWords: reader.integer(
        "workflow.stream_min_words", "STREAM_MIN_WORDS", aliases: ["TTS_MIN_WORDS"], default: 3, in: 1...100),
      firstSentenceMinimumWords: reader.integer(
        "workflow.stream_first_sentence_min_words", "STREAM_FIRST_SENTENCE_MIN_WORDS",
        aliases: ["TTS_FIRST_SENTENCE_MIN_WORDS"], default: 2, in: 1...100))

    flags = FlagValues(reading: &reader)

    turnLimit = .seconds(
      reader.integer("text_processing.request_timeout", "REQUEST_TIMEOUT", default: 300, in: 1...3600))
    let preset = Preset.of(environment)
    gracePeriod = .seconds(
      reader.integer(
        "backpressure.grace_period_seconds", "BACKPRESSURE_GRACE_PERIOD", default: preset.grace, in: 0...3600))
    admission = Self.admission(&reader, preset)

    log = Log(
      level: reader.choice("logging.level", "LOG_LEVEL", default: .info),
      form: reader.choice("logging.format", "LOG_FORMAT", default: .decision),
      file: reader.optionalText("logging.log_file", "LOG_FILE", default: runtime.logFile),
      fileLimit: reader.integer(
        "logging.max_file_size", "LOG_MAX_FILE_SIZE", default: 10 << 20, in: 65_536...(1 << 40)),
      backups: reader.integer("logging.backup_count", "LOG_BACKUP_COUNT", default: 5, in: 0...1000))
    metricsLoopbackOnly = reader.flag("metrics.loopback_only", "METRICS_LOOPBACK_ONLY", default: true)
    latestVersion = reader.text("server.version", "SERVER_VERSION", default: Nexy.version)
    latestBuild = reader.text("server.build", "SERVER_BUILD", default: latestVersion)
  }

  /// What differs from environment to environment.
  private struct Preset {
    var turns: Int
    var idle: Int
    var rate: Int
    var grace: Int

    static func of(_ environment: Environment) -> Preset {
      switch environment {
      case .dev: Preset(turns: 10, idle: 60, rate: 5, grace: 10)
      case .stage: Preset(turns: 25, idle: 180, rate: 8, grace: 20)
      case .prod: Preset(turns: 50, idle: 900, rate: 0, grace: 30)
      }
    }
  }

  private static func admission(_ reader: inout SettingsReader, _ preset: Preset) -> Admission {
    let turns = reader.integer(
      "backpressure.max_concurrent_streams", "BACKPRESSURE_MAX_STREAMS", default: preset.turns, in: 1...100_000)
    let idle = reader.integer(
      "backpressure.idle_timeout_seconds", "BACKPRESSURE_IDLE_TIMEOUT", default: preset.idle, in: 1...86_400)
    let rateKey = "backpressure.max_message_rate_per_second"
    let rate = reader.integer(rateKey, "BACKPRESSURE_MAX_RATE", default: preset.rate, in: 0...100_000)
    let paceIsPreset = reader.isDefault(rateKey)
    let deviceRate = reader.integer(
      "backpressure.max_requests_per_second_per_device", "BACKPRESSURE_DEVICE_RATE", default: 250, in: 0...100_000)
    let single = reader.flag(
      "workflow.prevent_concurrent_hardware_id_sessions", "PREVENT_CONCURRENT_HARDWARE_ID_SESSIONS", default: false)
    let image = reader.integer(
      "text_processing.image_max_size", "IMAGE_MAX_SIZE", default: 10 << 20, in: 1024...(11 << 20))
    return Admission(
      turns: turns, turnsPerDevice: single ? 1 : 4, requestsPerSecond: deviceRate, idleLimit: .seconds(idle),
      messagesPerSecond: rate, paceIsPreset: paceIsPreset, imageLimit: image)
  }
}

extension Settings {
  /// Keys whose values differ and that take effect at a start only.
  package func changedKeys(from other: Settings) -> [String] {
    let flags = Set(FeatureFlag.all.map(\.key))
    let before = Dictionary(other.resolved.map { ($0.key, $0.fingerprint) }) { first, _ in first }
    return resolved.filter { !flags.contains($0.key) && before[$0.key] != $0.fingerprint }.map(\.key)
  }
}
