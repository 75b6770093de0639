import ArgumentParser
import Foundation
import NexyConfig
import NexyObservability
import NexyRelease

/// `nexy config check`: refuses what the server would refuse at its start, and warns of what would not work.
struct ConfigCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Checks the settings as a start would, without starting.")

  @OptionGroup var flags: SettingsFlags

  func run() async throws {
    let settings = try flags.load()
    let plan = try ProviderPlan(settings, environment: ProcessInfo.processInfo.environment)
    if let path = settings.log.file { try LogFile.check(path) }
    _ = try VersionTable.places(settings.release.versionPlaces)
    for warning in plan.warnings { Terminal.error("warning: \(warning)") }
    Terminal.print("Settings are good: \(settings.resolved.count) keys, environment \(settings.environment.rawValue).")
    Terminal.print("  model   \(plan.modelNote)")
    Terminal.print("  speech  \(plan.speechNote)")
  }
}
