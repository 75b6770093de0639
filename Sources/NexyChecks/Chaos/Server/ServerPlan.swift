import Foundation
import NexyCore
import Subprocess

// The FilePath of Subprocess's own interface.
#if canImport(System)
import System
#else
import SystemPackage
#endif

/// How a server of the check is started: apart from this machine's settings, keys and data, with a fake for a provider.
struct ServerPlan: Sendable {
  /// The server's executable.
  let program: String
  /// The server's own folder; its working folder is in it, and what it keeps.
  let folder: URL
  /// Where it finds its language model.
  let providerPort: Int
  /// What the command begins with, such as a shell that takes away room and then becomes the server.
  var wrapper: [String] = []
  /// Stronger than those below.
  var settings: [String: String] = [:]
  /// Where it keeps what it promised to keep.
  var data: URL

  init(program: String, folder: URL, providerPort: Int) {
    (self.program, self.folder, self.providerPort) = (program, folder, providerPort)
    data = folder.appending(path: "data")
  }

  var environment: [String: String] {
    let own = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path(),
      "NEXY_ENV": "prod", "UPDATE_ENABLED": "false", "MEMORY_ENABLED": "false",
      "LLM_PROVIDER": "openai", "OPENAI_BASE_URL": "http://127.0.0.1:\(providerPort)/v1",
      "OPENAI_MODEL": FakeProvider.model,
      "PROVIDER_CONNECT_TIMEOUT_MS": "1000",
      "LLM_FIRST_DELTA_TIMEOUT_MS": "\(ChaosTimes.firstWords.wholeMilliseconds)",
      "LLM_STALL_TIMEOUT_MS": "\(ChaosTimes.firstWords.wholeMilliseconds)",
      "CIRCUIT_BREAKER_TIMEOUT": "\(ChaosTimes.leftAlone.components.seconds)",
      "BACKPRESSURE_GRACE_PERIOD": "\(ChaosTimes.grace.components.seconds)",
    ]
    return own.merging(settings) { $1 }
  }

  /// Another command of the executable, without the wrapper.
  func configuration(_ arguments: [String], through entry: [String]) -> Subprocess.Configuration {
    configuration(of: entry + [program] + arguments)
  }

  private func configuration(of command: [String]) -> Subprocess.Configuration {
    // A group of its own, so that a wrapper's children end with it.
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    return Subprocess.Configuration(
      executable: command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
      arguments: Arguments(Array(command.dropFirst())),
      environment: .custom(
        Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0.key) ?? "", $0.value) })),
      workingDirectory: FilePath(folder.path()), platformOptions: options)
  }

  /// The server, on free ports of loopback.
  var serving: Subprocess.Configuration {
    configuration(
      of: wrapper + [
        program, "serve", "--grpc-port", "0", "--http-port", "0", "--grpc-host", "127.0.0.1", "--http-host",
        "127.0.0.1",
        "--tts-provider", "tone", "--data-dir", data.path(),
      ])
  }
}
