import NexyCore
import NexyUpdates

/// A manifest as it stands, and whether its own file in the archive says the same.
struct ManifestStanding: Sendable {
  /// What the stable manifest and `manifest_<version>.json` disagree on.
  struct Difference: Sendable, Equatable {
    let member: String
    let found: String
    let expected: String
  }

  enum Pair: Sendable, Equatable {
    /// A beta has no second file.
    case none
    case absent(path: String)
    case unreadable(path: String, reason: String)
    case present(path: String, differences: [Difference])
  }

  /// Nil when it breaks its rules.
  let manifest: Manifest?
  /// What is wrong with it.
  let problem: String?
  let pair: Pair

  init(_ bytes: [UInt8], path: String, rules: ManifestRules, read: (String) -> PlaceFile) {
    let (manifest, findings) = Manifest.reading(bytes, rules: rules)
    self.manifest = manifest
    problem = manifest == nil ? Self.reason(findings) : nil
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    guard let manifest, path == (folder + [Channel.stable.manifestName[...]]).joined(separator: "/") else {
      pair = .none
      return
    }
    let name = "manifest_\(manifest.version).json"
    pair = Self.pair(of: manifest, at: (folder + [name[...]]).joined(separator: "/"), rules: rules, read: read)
  }

  private static func pair(
    of manifest: Manifest, at path: String, rules: ManifestRules, read: (String) -> PlaceFile
  ) -> Pair {
    switch read(path) {
    case .absent: return .absent(path: path)
    case .unreadable(let reason): return .unreadable(path: path, reason: reason)
    case .present(let bytes, _):
      let (other, findings) = Manifest.reading(bytes, rules: rules)
      guard let other else { return .unreadable(path: path, reason: reason(findings)) }
      let pairs = zip(members(other), members(manifest)).filter { $0.text != $1.text }
      return .present(
        path: path, differences: pairs.map { Difference(member: $0.name, found: $0.text, expected: $1.text) })
    }
  }

  /// What the two files of a release must agree on (the release day's definition of done).
  private static func members(_ manifest: Manifest) -> [(name: String, text: String)] {
    [
      ("version", manifest.version.text), ("build", manifest.build.text), ("url", manifest.artifact.url),
      ("size", "\(manifest.artifact.size)"), ("sha256", manifest.artifact.sha256),
    ]
  }

  private static func reason(_ findings: [Finding]) -> String {
    findings.first { $0.effect == .rejected }.map { "\($0.place): \($0.message)" } ?? "it is no manifest"
  }
}
