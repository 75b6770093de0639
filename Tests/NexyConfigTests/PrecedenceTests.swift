import NexyCore
import Testing

@testable import NexyConfig

@Suite("The strongest source gives a setting's value")
struct PrecedenceTests {
  /// The sources that hold a port, and the one that wins.
  struct Case: Sendable, CustomTestStringConvertible {
    var flag = false
    var environment = false
    var file = false
    var yaml = false
    let port: Int
    let source: String

    var testDescription: String { "flag \(flag), environment \(environment), file \(file), yaml \(yaml)" }
  }

  private static let cases = [
    Case(flag: true, environment: true, file: true, yaml: true, port: 1, source: "flag --grpc-port"),
    Case(flag: true, yaml: true, port: 1, source: "flag --grpc-port"),
    Case(environment: true, file: true, yaml: true, port: 2, source: "environment (GRPC_PORT)"),
    Case(environment: true, port: 2, source: "environment (GRPC_PORT)"),
    Case(file: true, yaml: true, port: 3, source: "/config.env (GRPC_PORT)"),
    Case(yaml: true, port: 4, source: "/config/nexy.yaml"),
    Case(port: 50051, source: "default"),
  ]

  @Test("a flag, the environment, config.env, nexy.yaml, the default: in this order", arguments: cases)
  func precedence(given: Case) throws {
    let folder = try SettingsFolder(
      environmentFile: given.file ? "GRPC_PORT=3" : "HTTP_PORT=3", yaml: given.yaml ? "grpc:\n  port: 4" : nil)
    let settings = try folder.settings(
      flags: given.flag ? ["grpc.port": "1"] : [:], environment: given.environment ? ["GRPC_PORT": "2"] : [:])
    let port = try #require(settings.resolved("grpc.port"))
    #expect(settings.grpc.port == given.port)
    #expect(port.value == "\(given.port)")
    #expect(port.source.hasSuffix(given.source))
    #expect(port.environmentName == "GRPC_PORT")
  }

  @Test("sources give different settings side by side")
  func mixture() throws {
    let folder = try SettingsFolder(environmentFile: "TTS_PROVIDER=tone", yaml: "http: {port: 81, host: '::1'}")
    let settings = try folder.settings(flags: ["llm.provider": "offline"], environment: ["HTTP_PORT": "82"])
    #expect(settings.model.provider == .offline)
    #expect(settings.speech.provider == .tone)
    #expect(settings.http.port == 82)
    #expect(settings.http.host == "::1")
  }

  @Test("a blank value sets nothing", arguments: ["", " ", "\"\""])
  func blank(value: String) throws {
    let folder = try SettingsFolder(environmentFile: "GRPC_PORT=\(value)", yaml: "grpc:\n  port: 4")
    let port = try folder.settings(environment: ["GRPC_PORT": ""]).resolved("grpc.port")
    #expect(port?.value == "4")
    #expect(port?.source.hasSuffix("/config/nexy.yaml") == true)
  }

  @Test("blanks around a value do not count")
  func trimmed() throws {
    let settings = try SettingsFolder().settings(environment: ["GRPC_PORT": " 7 ", "LLM_PROVIDER": "offline\n"])
    #expect(settings.grpc.port == 7)
    #expect(settings.model.provider == .offline)
  }

  @Test("NEXY_ENV_FILE and NEXY_CONFIG name other files")
  func otherFiles() throws {
    let folder = try SettingsFolder(environmentFile: "GRPC_PORT=3", yaml: "http: {port: 4}")
    try folder.write("GRPC_PORT=5", to: "other.env")
    try folder.write("http: {port: 6}", to: "other.yaml")
    let settings = try folder.settings(environment: ["NEXY_ENV_FILE": "other.env", "NEXY_CONFIG": "other.yaml"])
    #expect(settings.grpc.port == 5)
    #expect(settings.http.port == 6)
    #expect(settings.resolved("grpc.port")?.source.hasSuffix("/other.env (GRPC_PORT)") == true)
    #expect(settings.resolved("http.port")?.source.hasSuffix("/other.yaml") == true)
  }

  @Test("a file that is named must be there", arguments: ["NEXY_ENV_FILE", "NEXY_CONFIG"])
  func missingFile(name: String) throws {
    let folder = try SettingsFolder()
    let error = #expect(throws: NexyError.self) { try folder.settings(environment: [name: "missing.file"]) }
    #expect(error?.code == .badSettings)
    #expect(error?.message.contains(name) == true)
    #expect(error?.message.contains("missing.file") == true)
  }

  private static let aliases = [
    ("TTS_MIN_CHARS", "workflow.stream_min_chars"), ("TTS_MIN_WORDS", "workflow.stream_min_words"),
    ("TTS_FIRST_SENTENCE_MIN_WORDS", "workflow.stream_first_sentence_min_words"),
  ]

  @Test("an old name still sets its setting, and is named as its source", arguments: aliases)
  func alias(name: String, key: String) throws {
    let setting = try SettingsFolder().settings(environment: [name: "9"]).resolved(key)
    #expect(setting?.value == "9")
    #expect(setting?.source == "environment (\(name))")
  }

  @Test("a setting's own name is stronger than its old one")
  func nameBeforeAlias() throws {
    let settings = try SettingsFolder().settings(environment: ["TTS_MIN_WORDS": "9", "STREAM_MIN_WORDS": "8"])
    #expect(settings.streaming.minimumWords == 8)
  }
}
