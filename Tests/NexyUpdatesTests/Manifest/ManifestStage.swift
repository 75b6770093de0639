import Foundation
import NexyCore
import NexyUpdates

/// A folder of manifests, and the manifests that tests begin with.
final class ManifestStage: Sendable {
  let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) } }

  func write(_ text: String, _ name: String) throws { try AtomicFile.write(Array(text.utf8), to: path(name)) }

  /// The names of all files, in order.
  var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

  /// The events of the history.
  var history: [[String: JSONValue]] {
    (bytes("manifest_history.jsonl") ?? []).split(separator: 0x0A)
      .compactMap { try? JSONReader.document(Array($0)).value.object }
  }

  /// In a signature's form, and nobody's.
  static let signature = String(repeating: "A", count: 86) + "=="

  /// A manifest as the predecessor's tools write it, with a member that nobody here knows.
  static let text = """
    {
      "version": "2.0.0.5",
      "build": "2.0.0.5",
      "release_date": "2026-03-05T07:08:09.120000",
      "artifact": {
        "type": "dmg",
        "url": "https://github.com/Seregawpn/Nexy_production/releases/download/Update/Nexy.dmg",
        "size": 276012345,
        "sha256": "AABBCCDDEEFF00112233445566778899aabbccddeeff00112233445566778899",
        "arch": "universal2",
        "min_os": "12.0",
        "ed25519": "\(signature)",
        "mirror": {"count": 9007199254740993, "share": 0.1}
      },
      "critical": false,
      "auto_install": true,
      "notes_url": "",
      "x_note": "kept — ja"
    }
    """

  /// The manifest's members with some changed: a path such as `artifact.size` to a value, nil to take it away.
  static func members(_ changes: [String: JSONValue?] = [:]) throws -> [String: JSONValue] {
    var members = try JSONReader.document(Array(text.utf8)).value.object ?? [:]
    for (path, value) in changes {
      if path.hasPrefix("artifact.") {
        var artifact = members["artifact"]?.object ?? [:]
        artifact[String(path.dropFirst("artifact.".count))] = value
        members["artifact"] = .object(artifact)
      } else {
        members[path] = value
      }
    }
    return members
  }

  static func bytes(_ changes: [String: JSONValue?] = [:]) throws -> [UInt8] {
    JSONWriter.pretty(.object(try members(changes)))
  }

  /// The manifest, read, with some members changed.
  static func manifest(_ changes: [String: JSONValue?] = [:]) throws -> Manifest {
    let (manifest, findings) = Manifest.reading(try bytes(changes))
    guard let manifest else { throw NexyError(.manifestRefused, "\(findings)") }
    return manifest
  }

  /// The next release of the manifest: another version, build and file.
  static func next(_ version: String, digit: String = "1") throws -> Manifest {
    try manifest([
      "version": .string(version), "build": .string(version),
      "artifact.sha256": .string(String(repeating: digit, count: 64)),
    ])
  }
}
