import NexyCore

/// What `nexy updates manifest set` changes of a manifest; what is nil stays, and so does every unknown member.
///
/// Values are as the operator typed them: the reader of manifests judges the result, and nothing is checked twice.
package struct ManifestChange: Sendable {
  package var version: String?
  /// When it is nil and the version changes, the build becomes the version: this project keeps both alike.
  package var build: String?
  package var url: String?
  package var size: Int64?
  package var sha256: String?
  /// Base64 of 64 bytes; an empty text takes a signature away.
  package var signature: String?
  package var notesURL: String?
  package var minimumSystem: String?
  package var architecture: String?
  package var isCritical: Bool?

  package init(
    version: String? = nil, build: String? = nil, url: String? = nil, size: Int64? = nil, sha256: String? = nil,
    signature: String? = nil, notesURL: String? = nil, minimumSystem: String? = nil, architecture: String? = nil,
    isCritical: Bool? = nil
  ) {
    self.version = version
    self.build = build
    self.url = url
    self.size = size
    self.sha256 = sha256
    self.signature = signature
    self.notesURL = notesURL
    self.minimumSystem = minimumSystem
    self.architecture = architecture
    self.isCritical = isCritical
  }

  /// The manifest with the change.
  ///
  /// A signature is of one file's bytes: it goes when URL, size or checksum change and no new one is given. The release
  /// date becomes `now` when version, build or artifact change, so the same change made twice gives the same bytes.
  /// - Parameters:
  ///   - standing: what the channel has; nil for its first manifest.
  ///   - now: seconds since 1970.
  /// - Returns: as `Manifest.reading`.
  package func applied(
    to standing: Manifest?, now: Int64, rules: ManifestRules = ManifestRules()
  ) -> (manifest: Manifest?, findings: [Finding]) {
    let before = standing?.members ?? Self.blank
    var members = before
    let artifact = artifactMembers(before["artifact"]?.object ?? [:])
    members["artifact"] = .object(artifact)
    set("version", version, in: &members)
    set("build", build ?? version, in: &members)
    set("notes_url", notesURL, in: &members)
    if let isCritical { members["critical"] = .bool(isCritical) }
    let isNewRelease = ["version", "build"].contains { members[$0] != before[$0] } || bytesDiffer(artifact, before)
    if isNewRelease || members["release_date"] == nil {
      members["release_date"] = .string(ISO8601.text(seconds: now))
    }
    return Manifest.reading(JSONWriter.pretty(.object(members)), rules: rules)
  }

  private static let blank: [String: JSONValue] = [
    "critical": false, "auto_install": false, "notes_url": "", "artifact": ["ed25519": ""],
  ]

  private func artifactMembers(_ before: [String: JSONValue]) -> [String: JSONValue] {
    var members = before
    set("url", url, in: &members)
    if let size { members["size"] = .integer(size) }
    set("sha256", sha256, in: &members)
    set("min_os", minimumSystem, in: &members)
    set("arch", architecture, in: &members)
    if let kind = Manifest.Artifact.Kind.allCases.first(where: { url?.hasSuffix(".\($0.rawValue)") == true }) {
      members["type"] = .string(kind.rawValue)
    }
    if let signature {
      members["ed25519"] = .string(signature)
    } else if Self.identity(members) != Self.identity(before) {
      members["ed25519"] = ""
    }
    return members
  }

  private func bytesDiffer(_ artifact: [String: JSONValue], _ before: [String: JSONValue]) -> Bool {
    Self.identity(artifact) != Self.identity(before["artifact"]?.object ?? [:])
  }

  /// What says which file it is.
  private static func identity(_ artifact: [String: JSONValue]) -> [JSONValue?] {
    [artifact["url"], artifact["size"], (artifact["sha256"]?.string?.lowercased()).map { .string($0) }]
  }

  private func set(_ key: String, _ text: String?, in members: inout [String: JSONValue]) {
    if let text { members[key] = .string(text) }
  }
}
