import NexyCore

/// Writes a folder's manifests: one writer at a time, each file whole, and no step back without a word in the history.
///
/// The stable channel has two files. `manifest_<version>.json` is written first and `manifest.json` last: that one
/// rename is the switch. A writer that dies before it leaves the old feed whole; the same command run again writes the
/// same bytes and mends the pair. The beta channel has `manifest_beta.json` alone.
package struct ManifestWriter: Sendable {
  /// The lease on a folder's manifests.
  package static let leaseName = "manifests.lock"

  /// What was done.
  package struct Outcome: Sendable {
    package let manifest: Manifest
    /// The names of the files, in the order they were written.
    package let files: [String]
    /// What clients will ignore or misread, and nothing that they reject.
    package let advice: [Finding]
    /// What only the override allowed.
    package let overridden: [Finding]
  }

  private let folder: String
  private let owner: String
  private let rules: ManifestRules
  private let patience: Duration
  private let surroundings: LeaseSurroundings
  private let writeFile: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

  /// - Parameters:
  ///   - owner: who writes, for the lease and the history, such as `nexy updates manifest set`.
  ///   - patience: how long to wait for another writer.
  package init(
    folder: String, owner: String, rules: ManifestRules = ManifestRules(),
    waitingAtMost patience: Duration = .seconds(5), in surroundings: LeaseSurroundings = .system,
    writeFile: @escaping @Sendable ([UInt8], String) throws -> Void = { try AtomicFile.write($0, to: $1) }
  ) {
    self.folder = folder
    self.owner = owner
    self.rules = rules
    self.patience = patience
    self.surroundings = surroundings
    self.writeFile = writeFile
  }

  /// Puts a manifest in a channel's place.
  /// - Parameter reason: why a rollback, a jump or an unreadable predecessor is right this time; it is recorded.
  /// - Throws: `NexyError` with code `manifestRefused`, `releaseStepRefused`, `manifestUnreadable`, `fileNotWritten`,
  ///   or one of `FileLease`.
  package func write(
    _ manifest: Manifest, to channel: Channel, overriding reason: String? = nil
  ) async throws -> Outcome {
    let bytes = manifest.encoded()
    return try await publish(to: channel, overriding: reason) { _ in Manifest.reading(bytes, rules: rules) }
  }

  /// Changes a channel's manifest, or makes its first.
  /// - Throws: as `write`.
  package func apply(
    _ change: ManifestChange, to channel: Channel, overriding reason: String? = nil
  ) async throws -> Outcome {
    let namesArtifact = change.url != nil || change.size != nil || change.sha256 != nil
    return try await publish(to: channel, overriding: reason, namesArtifact: namesArtifact) { standing in
      change.applied(to: standing, now: surroundings.wallTime() / 1000, rules: rules)
    }
  }

  /// Says whose a file will be, before its bytes stand where clients could find them: a beta's file is hidden while the
  /// channel is closed, and a stable release's is seen although it is the beta's as well.
  /// - Throws: as `write`.
  package func announce(_ manifest: Manifest, for channel: Channel) async throws {
    try await note(ManifestHistory.announcement, manifest, channel)
  }

  /// Takes an announcement back: the release did not come.
  /// - Throws: as `write`.
  package func withdraw(_ manifest: Manifest, from channel: Channel) async throws {
    try await note(ManifestHistory.withdrawal, manifest, channel)
  }

  private func note(_ name: String, _ manifest: Manifest, _ channel: Channel) async throws {
    try await FileLease.withLease(
      at: "\(folder)/\(Self.leaseName)", owner: owner, waitingAtMost: patience, in: surroundings
    ) { _ in
      try record(name, event(manifest, channel, replacing: try standing(channel).0), [:])
    }
  }

  // MARK: - Under the lease

  private func publish(
    to channel: Channel, overriding reason: String?, namesArtifact: Bool = true,
    _ make: @escaping @Sendable (Manifest?) -> (manifest: Manifest?, findings: [Finding])
  ) async throws -> Outcome {
    let reason = try reason.map(Self.checked)
    return try await FileLease.withLease(
      at: "\(folder)/\(Self.leaseName)", owner: owner, waitingAtMost: patience, in: surroundings
    ) { lease in
      let (standing, damage) = try standing(channel)
      let (made, findings) = make(standing)
      guard let manifest = made else { throw Self.refused(findings) }
      let refusals = damage + ReleaseStep.refusals(from: standing, to: manifest, namesArtifact: namesArtifact)
      guard refusals.isEmpty || reason != nil else { throw Self.refused(damage, refusals) }
      let event = event(manifest, channel, replacing: standing)
      if !refusals.isEmpty, let reason {
        try record("override", event, ["reason": .string(reason), "rules": .array(refusals.map { .string($0.rule) })])
      }
      let files = Self.files(channel, manifest)
      for file in files {
        try lease.confirm()
        try writeFile(manifest.encoded(), "\(folder)/\(file)")
      }
      try record("written", event, ["files": .array(files.map { .string($0) })])
      return Outcome(manifest: manifest, files: files, advice: findings, overridden: refusals)
    }
  }

  /// What the channel has, or what is wrong with it.
  private func standing(_ channel: Channel) throws -> (Manifest?, damage: [Finding]) {
    let path = "\(folder)/\(channel.manifestName)"
    guard let bytes = try LocalFile.head(path, atMost: ManifestRules.largestManifest + 1) else { return (nil, []) }
    let (manifest, findings) = Manifest.reading(bytes, rules: rules)
    return (manifest, manifest == nil ? findings.filter { $0.effect == .rejected } : [])
  }

  /// The last of them is the one that clients are served from.
  private static func files(_ channel: Channel, _ manifest: Manifest) -> [String] {
    switch channel {
    case .stable: ["manifest_\(manifest.version).json", channel.manifestName]
    case .beta: [channel.manifestName]
    }
  }

  private func event(
    _ manifest: Manifest, _ channel: Channel, replacing standing: Manifest?
  ) -> [String: JSONValue] {
    [
      "extra_files": manifest.members["files"] ?? .array([]),
      "channel": .string(channel.rawValue), "owner": .string(owner), "version": .string(manifest.version.text),
      "build": .string(manifest.build.text), "url": .string(manifest.artifact.url),
      "size": .integer(manifest.artifact.size), "sha256": .string(manifest.artifact.sha256),
      "previous_build": standing.map { .string($0.build.text) } ?? .null,
    ]
  }

  private func record(_ name: String, _ event: [String: JSONValue], _ more: [String: JSONValue]) throws {
    var line = event.merging(more) { $1 }
    line["event"] = .string(name)
    line["time"] = .string(ISO8601.text(milliseconds: surroundings.wallTime()))
    try ManifestHistory(path: "\(folder)/\(ManifestHistory.name)").append(line)
  }
}
