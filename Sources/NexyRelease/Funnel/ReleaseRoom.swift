import NexyCore
import NexyUpdates

/// Everything that a release goes through: the settings' word, the store, the web, and who is told.
package struct ReleaseRoom: Sendable {
  package let options: ReleaseOptions
  package let store: any ReleaseStore
  package let web: any ReleaseWeb
  package let voice: ReleaseVoice
  package let signatures: ReleaseSignatures
  package let surroundings: LeaseSurroundings

  package init(
    options: ReleaseOptions, store: any ReleaseStore, web: any ReleaseWeb, voice: ReleaseVoice,
    signatures: ReleaseSignatures, surroundings: LeaseSurroundings = .system
  ) {
    self.options = options
    self.store = store
    self.web = web
    self.voice = voice
    self.signatures = signatures
    self.surroundings = surroundings
  }

  /// Milliseconds since 1970.
  var now: Int64 { surroundings.wallTime() }
  var kept: KeptFiles { KeptFiles(stateFolder: options.stateFolder) }
  var history: ReleaseHistory { ReleaseHistory(stateFolder: options.stateFolder) }
  var journal: JournalFile { JournalFile(path: options.journalPath) }

  func writer(_ owner: String) -> ManifestWriter {
    ManifestWriter(
      folder: options.manifests, owner: owner, rules: options.rules, waitingAtMost: .seconds(30), in: surroundings)
  }

  /// What a channel has now; nil where it has nothing.
  /// - Throws: `NexyError` with code `manifestUnreadable` for a manifest that breaks its rules.
  package func standing(_ channel: Channel) throws -> Manifest? {
    let path = "\(options.manifests)/\(channel.manifestName)"
    guard let bytes = try SmallText.read(path, limit: ManifestRules.largestManifest) else { return nil }
    let (manifest, findings) = Manifest.reading(bytes, rules: options.rules)
    if let manifest { return manifest }
    let lines = findings.filter { $0.effect == .rejected }.map(\.description).joined(separator: "\n  ")
    throw NexyError(.manifestUnreadable, "\(path) breaks its rules. Mend it first.\n  \(lines)")
  }
}

/// Signs files and checks signatures. Ed25519 reads a file as a whole, so whoever must stay small does it elsewhere.
package struct ReleaseSignatures: Sendable {
  /// A file's signature, base64; nil where no key is configured.
  package let sign: @Sendable (_ path: String) async throws -> String?
  /// Whether a signature (base64) is of a file's bytes; nil where no key is configured to check with.
  package let isValid: @Sendable (_ path: String, _ signature: String) async throws -> Bool?

  package init(
    sign: @escaping @Sendable (String) async throws -> String?,
    isValid: @escaping @Sendable (String, String) async throws -> Bool?
  ) {
    self.sign = sign
    self.isValid = isValid
  }
}

/// How a release is told: lines that programs know, and how far a transfer came.
package struct ReleaseVoice: Sendable {
  /// A line for whoever reads the result.
  package let say: @Sendable (String) -> Void
  /// Progress of a transfer of this name.
  package let progress: @Sendable (String) -> TransferProgress

  package init(
    say: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String) -> TransferProgress
  ) {
    self.say = say
    self.progress = progress
  }
}

extension NexyError.Code {
  /// A release is not ready; every reason is told, and nothing has moved.
  package static let releaseRefused = Self("release_refused")
  /// What clients would download is not what was released.
  package static let releaseUnsound = Self("release_unsound")
}
