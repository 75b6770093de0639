import Foundation

@testable import NexyConfig

/// A folder with the files that settings are read from, gone when the test ends.
final class SettingsFolder {
  let path: String

  init(environmentFile: String? = nil, yaml: String? = nil) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("nexy-\(UUID().uuidString)")
    path = root.path
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("config"), withIntermediateDirectories: true)
    if let environmentFile { try write(environmentFile, to: "config.env") }
    if let yaml { try write(yaml, to: "config/nexy.yaml") }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func settings(flags: [String: String] = [:], environment: [String: String] = [:]) throws -> Settings {
    try withExtendedLifetime(self) {
      try Settings(SettingsSources.load(flags: flags, environment: environment, folder: path))
    }
  }
}

extension Settings {
  func resolved(_ key: String) -> ResolvedSetting? { resolved.first { $0.key == key } }
}
