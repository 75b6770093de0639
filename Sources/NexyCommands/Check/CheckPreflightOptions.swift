import ArgumentParser
import Foundation
import NexyChecks
import NexyConfig
import NexyCore
import NexyObservability

/// What a preflight looks at beside the server: this machine's settings, checksums, and the nginx in front.
struct CheckPreflightOptions: ParsableArguments {
  @Option(help: "preflight: nginx's main file, or one that it includes.") var nginx: String?
  @Option(help: "preflight: what its includes are relative to; the folder of the main file by default.")
  var nginxPrefix: String?
  @Option(help: "preflight, gate: whose settings are read, production or staging; by PORT where it is not given.")
  var runtime: String?
  @Option(help: "preflight: what the binary's sha256 must be.") var binarySha256: String?
  @Option(help: "preflight: what `sha256sum config.env config/nexy.yaml | sha256sum` must print.")
  var configSha256: String?
  @Option(help: "preflight: a file of checksums to compare with, from --write-baseline.") var baseline: String?
  @Option(help: "preflight: write the checksums of binary and settings to this file.") var writeBaseline: String?

  func validate() throws {
    for (name, sum) in [("--binary-sha256", binarySha256), ("--config-sha256", configSha256)] {
      guard let sum, sum.count != 64 || !sum.allSatisfy(\.isHexDigit) else { continue }
      throw ValidationError("\(name) is no sha256; give 64 hexadecimal digits.")
    }
    if let runtime, Settings.Runtime(rawValue: runtime) == nil {
      throw ValidationError("--runtime is \(runtime); give production or staging.")
    }
  }

  /// - Parameter port: The voice service's, which tells the runtime where nothing else does.
  func settings(port: Int) -> PreflightSettings {
    PreflightSettings(
      configuration: configuration(port: port), nginx: nginx, nginxPrefix: nginxPrefix, binarySHA256: binarySha256,
      configurationSHA256: configSha256, baseline: baseline, newBaseline: writeBaseline)
  }

  /// The settings as a server that starts in this folder would load them.
  private func configuration(port: Int) -> PreflightSettings.Configuration {
    var environment = ProcessInfo.processInfo.environment
    if let runtime = runtime ?? (port == 50061 ? "staging" : nil) { environment["NEXY_RUNTIME"] = runtime }
    let files = SettingsSources.files(environment: environment).filter { FileManager.default.fileExists(atPath: $0) }
    do {
      let settings = try Settings(SettingsSources.load(environment: environment))
      let plan = try ProviderPlan(settings, environment: environment)
      if let path = settings.log.file { try LogFile.check(path) }
      return PreflightSettings.Configuration(
        warnings: plan.warnings, placeholders: settings.placeholders, files: files,
        programs: Self.programs(plan, settings, environment), folders: Self.folders(settings),
        turnLimit: settings.turnLimit,
        ports: .init(voice: settings.grpc.port, health: settings.http.port, updates: settings.updates.port))
    } catch {
      let problem = (error as? NexyError)?.message ?? "\(error)"
      return PreflightSettings.Configuration(problem: problem, files: files)
    }
  }

  private static func programs(
    _ plan: ProviderPlan, _ settings: Settings, _ environment: [String: String]
  ) -> [(name: String, path: String?)] {
    plan.engines.contains { if case .espeak = $0 { true } else { false } }
      ? [(settings.speech.espeakBinary, Executable.find(settings.speech.espeakBinary, environment: environment))] : []
  }

  private static func folders(_ settings: Settings) -> [DiskNeed] {
    var needs = [DiskNeed.data(settings.dataFolder)]
    if let file = settings.log.file {
      needs.append(.log(file, files: Int64(settings.log.fileLimit) * Int64(settings.log.backups + 1)))
    }
    if settings.updates.isOn { needs.append(.updates(settings.updates.downloads)) }
    return needs + [.temporary(NSTemporaryDirectory())]
  }
}
