import ArgumentParser
import Foundation
import NexyConfig

/// The settings that can be given as flags; each is a setting's key with dashes.
struct SettingsFlags: ParsableArguments {
  @Option(help: "Which of the two on one machine: production or staging.") var runtime: String?
  @Option(help: "Where gRPC listens: an address, localhost, or auto.") var grpcHost: String?
  @Option(help: "The port of gRPC; 0 takes any free one.") var grpcPort: String?
  @Option(help: "Where HTTP listens: an address, localhost, or auto.") var httpHost: String?
  @Option(help: "The port of HTTP; 0 takes any free one.") var httpPort: String?
  @Option(help: "Where updates are served: an address, localhost, or auto.") var updateHost: String?
  @Option(help: "The port of updates; 0 takes any free one.") var updatePort: String?
  @Option(help: "The language model: auto, gemini, openai, offline, scripted.") var llmProvider: String?
  @Option(help: "The YAML file that scripted replays.") var llmScript: String?
  @Option(help: "The speech engine: auto, azure, openai, espeak, tone.") var ttsProvider: String?
  @Option(help: "The folder for everything the server writes.") var dataDir: String?
  @Option(help: "The lowest level that is logged.") var loggingLevel: String?

  var values: [String: String] {
    let pairs = [
      ("runtime", runtime), ("update.host", updateHost), ("update.port", updatePort), ("grpc.host", grpcHost),
      ("grpc.port", grpcPort), ("http.host", httpHost), ("http.port", httpPort),
      ("llm.provider", llmProvider), ("llm.script", llmScript), ("tts.provider", ttsProvider), ("data_dir", dataDir),
      ("logging.level", loggingLevel),
    ]
    return Dictionary(uniqueKeysWithValues: pairs.compactMap { key, value in value.map { (key, $0) } })
  }

  /// The process environment; the runtime that was named decides which files are read.
  var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(runtime.map { ["NEXY_RUNTIME": $0] } ?? [:]) { $1 }
  }

  func load() throws -> Settings {
    try Settings(SettingsSources.load(flags: values, environment: environment))
  }
}
