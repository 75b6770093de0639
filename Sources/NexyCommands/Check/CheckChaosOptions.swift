import ArgumentParser
import Foundation
import NexyChecks

/// What chaos plays, and with which server: for those who try the check itself.
struct CheckChaosOptions: ParsableArguments {
  @Option(help: "The server that is started, in the place of this program.") var server: String?
  @Option(help: "One scenario alone; may be given again. \(ChaosSettings.names.joined(separator: ", ")).")
  var scenario: [String] = []

  func validate() throws {
    for name in scenario where !ChaosSettings.names.contains(name) {
      throw ValidationError("\(name) is no scenario; give one of \(ChaosSettings.names.joined(separator: ", ")).")
    }
  }

  var settings: ChaosSettings {
    ChaosSettings(server: server ?? Bundle.main.executablePath, scenarios: scenario)
  }
}
