import NexyCore
import Testing

@testable import NexyConfig

@Suite("A wrong setting stops the start and says all about it")
struct BadSettingsTests {
  struct Bad: Sendable, CustomTestStringConvertible {
    let key: String
    let name: String
    let value: String
    let allowed: [String]
    var testDescription: String { "\(name)=\(value)" }

    init(_ key: String, _ name: String, _ value: String, allowed: String...) {
      (self.key, self.name, self.value, self.allowed) = (key, name, value, allowed)
    }
  }

  private static let bad = [
    Bad("environment", "NEXY_ENV", "production", allowed: "dev", "stage", "prod"),
    Bad("grpc.port", "GRPC_PORT", "http", allowed: "0", "65535"),
    Bad("grpc.port", "GRPC_PORT", "-1", allowed: "0", "65535"),
    Bad("grpc.host", "GRPC_HOST", "nexy.internal", allowed: "auto", "localhost", "IPv4", "IPv6"),
    Bad("http.host", "HTTP_HOST", "127.0.0.256", allowed: "auto", "localhost", "IPv4", "IPv6"),
    Bad("http.port", "HTTP_PORT", "65536", allowed: "0", "65535"),
    Bad("http.port", "HTTP_PORT", "8080.5", allowed: "0", "65535"),
    Bad("http.port", "HTTP_PORT", "99999999999999999999", allowed: "0", "65535"),
    Bad("llm.provider", "LLM_PROVIDER", "gpt", allowed: "auto", "offline", "scripted"),
    Bad("tts.provider", "TTS_PROVIDER", "loud", allowed: "auto", "espeak", "tone"),
    Bad("tts.espeak.rate", "ESPEAK_RATE", "79", allowed: "80", "450"),
    Bad("tts.espeak.pitch", "ESPEAK_PITCH", "100", allowed: "0", "99"),
    Bad("audio.sample_rate", "SAMPLE_RATE", "44100", allowed: "48000"),
    Bad("audio.channels", "AUDIO_CHANNELS", "2", allowed: "1"),
    Bad("audio.streaming_chunk_size", "STREAMING_CHUNK_SIZE", "4095", allowed: "256", "4096", "multiple of 2"),
    Bad("audio.streaming_chunk_size", "STREAMING_CHUNK_SIZE", "8192", allowed: "256", "4096", "multiple of 2"),
    Bad("workflow.stream_min_words", "STREAM_MIN_WORDS", "0", allowed: "1", "100"),
    Bad("features.messages_enabled", "MESSAGES_ENABLED", "ture", allowed: "true", "false"),
    Bad("whatsapp.enabled", "WHATSAPP_ENABLED", "2", allowed: "true", "false"),
    Bad("text_processing.request_timeout", "REQUEST_TIMEOUT", "5m", allowed: "1", "3600"),
    Bad("backpressure.grace_period_seconds", "BACKPRESSURE_GRACE_PERIOD", "3601", allowed: "0", "3600"),
    Bad("logging.level", "LOG_LEVEL", "loud", allowed: "debug", "info", "warning", "error", "critical"),
  ]

  @Test("a bad value is told with its key, its source, what was read and what is allowed", arguments: bad)
  func environment(bad: Bad) throws {
    let message = try problem { try $0.settings(environment: [bad.name: bad.value]) }
    for part in [bad.key, bad.name, "environment", "\"\(bad.value)\""] + bad.allowed {
      #expect(message.contains(part), "\(message) does not name \(part)")
    }
  }

  @Test("a bad flag is told as it was typed")
  func flag() throws {
    let message = try problem { try $0.settings(flags: ["grpc.port": "http"]) }
    #expect(message.contains("--grpc-port"))
    #expect(message.contains("\"http\""))
  }

  @Test("a bad value in a file is told with the file")
  func files() throws {
    let fromFile = try problem(environmentFile: "LOG_LEVEL=loud") { try $0.settings() }
    #expect(fromFile.contains("config.env (LOG_LEVEL)"))
    let fromYAML = try problem(yaml: "logging: {level: loud}") { try $0.settings() }
    #expect(fromYAML.contains("config/nexy.yaml"))
    #expect(fromYAML.contains("logging.level"))
  }

  @Test("every problem is in one error")
  func several() throws {
    let message = try problem(environmentFile: "GRPC_PORT=x", yaml: "tts: {provider: loud}\nnonsense: 1") {
      try $0.settings(flags: ["http.port": "y"], environment: ["NEXY_ENV": "z"])
    }
    for part in ["NEXY_ENV", "grpc.port", "http.port", "tts.provider", "nonsense"] {
      #expect(message.contains(part), "\(message) does not name \(part)")
    }
  }

  @Test("a bad value that a stronger source covers is no problem")
  func covered() throws {
    let folder = try SettingsFolder(environmentFile: "GRPC_PORT=x")
    #expect(try folder.settings(environment: ["GRPC_PORT": "5"]).grpc.port == 5)
  }

  private static let unknown: [(yaml: String, key: String)] = [
    ("grcp:\n  port: 1", "grcp.port"), ("grpc:\n  prot: 1", "grpc.prot"), ("nonsense: 1", "nonsense"),
    ("tts:\n  espeak:\n    speed: 1", "tts.espeak.speed"), ("GRPC_PORT: 1", "GRPC_PORT"),
    ("grpc: {port: 1, host: auto, tls: true}", "grpc.tls"),
  ]

  @Test("a key of nexy.yaml that is no setting is refused by name", arguments: unknown)
  func unknownKey(yaml: String, key: String) throws {
    let message = try problem(yaml: yaml) { try $0.settings() }
    #expect(message.contains("config/nexy.yaml: \(key) "))
  }

  private static let broken = [
    "grpc: [1, 2]", "- one\n- two", "just text", "grpc: {port: 1", "grpc:\n\tport: 1", "grpc:\n  port: [1]",
  ]

  @Test("a nexy.yaml of another shape is refused with its name", arguments: broken)
  func shape(yaml: String) throws {
    #expect(try problem(yaml: yaml) { try $0.settings() }.contains("config/nexy.yaml"))
  }

  @Test("a nexy.yaml without values sets nothing", arguments: ["", "\n", "# nothing\n", "---\n", "# a\n\n# b: 1\n"])
  func empty(yaml: String) throws {
    #expect(try SettingsFolder(yaml: yaml).settings().grpc.port == 50051)
  }

  @Test("a section whose keys are all commented out sets nothing")
  func emptySection() throws {
    #expect(try SettingsFolder(yaml: "grpc:\n#  port: 1\nhttp:\n  port: 2").settings().http.port == 2)
  }

  @Test("a key may stand alone with its dots, or in its section")
  func dottedKey() throws {
    #expect(try SettingsFolder(yaml: "grpc.port: 7").settings().grpc.port == 7)
    #expect(try SettingsFolder(yaml: "grpc:\n  port: 7").settings().grpc.port == 7)
  }

  private func problem(
    environmentFile: String? = nil, yaml: String? = nil, _ load: (SettingsFolder) throws -> Settings
  ) throws -> String {
    let folder = try SettingsFolder(environmentFile: environmentFile, yaml: yaml)
    let error = #expect(throws: NexyError.self) { try load(folder) }
    #expect(error?.code == .badSettings)
    return error?.message ?? ""
  }
}
