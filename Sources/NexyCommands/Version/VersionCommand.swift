import ArgumentParser
import Foundation
import NexyConfig
import NexyCore
import NexyRelease

/// `nexy version`: the server's version and the client's, everywhere they stand.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "The server's version and the client's, everywhere they stand.",
    discussion: """
      Two versions rise apart: server is this program and what is deployed, client is the macOS application. The setting \
      version.places lists every place of either; `nexy version sources` shows it.
      """,
    subcommands: [VersionShow.self, VersionSet.self, VersionCheckCommand.self, VersionSources.self],
    defaultSubcommand: VersionShow.self)
}

/// What every command of versions reads.
struct VersionOptions: ParsableArguments {
  enum Axes: String, CaseIterable, ExpressibleByArgument { case server, client, both }

  @Option(help: "Which version: server, client or both.") var axis = Axes.both
  @Flag(help: "Print one JSON object instead of lines.") var json = false
  @OptionGroup var flags: SettingsFlags

  var axes: [VersionAxis] {
    switch axis {
    case .server: [.server]
    case .client: [.client]
    case .both: VersionAxis.allCases
    }
  }

  /// - Throws: `NexyError` with code `badSettings` or `versionPlacesRefused`.
  func writer() throws -> VersionWriter {
    let settings = try flags.load()
    return VersionWriter(
      places: try VersionTable.places(settings.release.versionPlaces), rules: UpdateAssembly.rules(settings),
      stateFolder: settings.release.stateFolder, folder: FileManager.default.currentDirectoryPath)
  }

  /// A version as it is typed.
  /// - Throws: `ValidationError` that names the form.
  static func version(_ text: String) throws -> ReleaseVersion {
    if let version = ReleaseVersion(fourParts: text) { return version }
    throw ValidationError("\(text.printable) is no version; give \(ReleaseVersion.fourPartForm).")
  }
}
