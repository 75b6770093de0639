import Foundation
import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

/// A working folder with the files of a table, gone when the test ends.
final class VersionFolder: Sendable {
  static let table = """
    server file VERSION
    server setting config.env SERVER_VERSION
    server text docs/guide.md Server version: {version}
    client file inbox/VERSION
    client yaml app.yaml app.version
    client manifest updates/manifest.json
    client manifest updates/manifest_beta.json
    """

  /// A file for each place of the table that is set.
  static let files = [
    "VERSION": "2.0.0.15\n", "config.env": "A_TOKEN=not-for-others\nSERVER_VERSION='2.0.0.15'\n",
    "docs/guide.md": "# Guide\n\nServer version: 2.0.0.15.\n", "app.yaml": "app: {version: 2.0.0.15}\n",
  ]

  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(text, to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Everything in it but the state folder: paths and texts.
  func tree() throws -> [String: String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter { !$0.hasPrefix("state") }
    return Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, (try? String(contentsOfFile: "\(path)/\($0)", encoding: .utf8)) ?? "folder")
      })
  }

  var journal: String { "\(path)/state/version_journal.json" }

  func writer(
    table: String = table,
    writeFile: @escaping @Sendable ([UInt8], String, mode_t) throws -> Void = {
      try AtomicFile.write($0, to: $1, mode: $2)
    }
  ) throws -> VersionWriter {
    VersionWriter(
      places: try VersionTable.places(table), rules: ManifestRules(), stateFolder: "state",
      storage: PlaceStorage(folder: path, writeFile: writeFile))
  }

  static func version(_ text: String) throws -> ReleaseVersion { try #require(ReleaseVersion(fourParts: text)) }

  /// A good manifest.
  static func manifest(_ version: String, build: String? = nil, size: Int64 = 10) throws -> String {
    let manifest = Manifest(
      version: try #require(ReleaseVersion(version)), build: try #require(ReleaseVersion(build ?? version)),
      releaseDate: 1_772_000_000,
      artifact: .init(
        kind: .dmg, url: "https://github.com/nexy/Nexy.dmg", size: size, sha256: String(repeating: "a", count: 64)))
    return String(decoding: manifest.encoded(), as: UTF8.self)
  }
}
