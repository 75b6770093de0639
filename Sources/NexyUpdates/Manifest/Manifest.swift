import NexyCore

/// One release as its publisher describes it; the format is the predecessor's, and unknown keys are kept.
package struct Manifest: Sendable, Equatable {
  /// What a client downloads.
  package struct Artifact: Sendable, Equatable {
    /// How the file is installed.
    package enum Kind: String, Sendable, CaseIterable { case dmg, pkg, zip }

    package var kind: Kind
    /// Where it is; https.
    package var url: String
    /// Bytes.
    package var size: Int64
    /// 64 hexadecimal digits, lower case.
    package var sha256: String
    /// The machines it is for, such as `universal2` or `arm64`.
    package var architecture: String?
    /// The oldest macOS that runs it.
    package var minimumSystem: ReleaseVersion?
    /// Ed25519 over the file's bytes, base64 of 64 bytes; nil for an unsigned one.
    package var signature: String?

    package init(
      kind: Kind, url: String, size: Int64, sha256: String, architecture: String? = nil,
      minimumSystem: ReleaseVersion? = nil, signature: String? = nil
    ) {
      self.kind = kind
      self.url = url
      self.size = size
      self.sha256 = sha256
      self.architecture = architecture
      self.minimumSystem = minimumSystem
      self.signature = signature
    }

    /// The last part of the URL's path, as it is written there.
    package var fileName: String {
      let path = url.prefix { $0 != "?" && $0 != "#" }
      return String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
    }
  }

  /// What people read, such as `2.0.0.15`.
  package var version: ReleaseVersion
  /// What clients compare.
  package var build: ReleaseVersion
  /// Seconds since 1970, UTC.
  package var releaseDate: Int64
  package var artifact: Artifact
  /// Whether clients must not put the update off.
  package var isCritical: Bool
  /// The update is critical only for builds below this one.
  package var criticalBelow: ReleaseVersion?
  /// Whether clients may install it without asking.
  package var installsItself: Bool
  /// Where the release notes are; https.
  package var notesURL: String?
  /// The release notes themselves, in Markdown.
  package var notes: String?
  /// Sparkle's channel; nil for the one that every client sees.
  package var feedChannel: String?
  /// Seconds between the seven groups of a phased rollout.
  package var rolloutInterval: Int?
  /// What hardware is needed; Sparkle knows `arm64`.
  package var hardwareRequirements: String?
  /// Every member as it was read, unknown ones included.
  package var members: [String: JSONValue]

  package init(
    version: ReleaseVersion, build: ReleaseVersion, releaseDate: Int64, artifact: Artifact, isCritical: Bool = false,
    criticalBelow: ReleaseVersion? = nil, installsItself: Bool = false, notesURL: String? = nil,
    notes: String? = nil, feedChannel: String? = nil, rolloutInterval: Int? = nil,
    hardwareRequirements: String? = nil, members: [String: JSONValue] = [:]
  ) {
    self.version = version
    self.build = build
    self.releaseDate = releaseDate
    self.artifact = artifact
    self.isCritical = isCritical
    self.criticalBelow = criticalBelow
    self.installsItself = installsItself
    self.notesURL = notesURL
    self.notes = notes
    self.feedChannel = feedChannel
    self.rolloutInterval = rolloutInterval
    self.hardwareRequirements = hardwareRequirements
    self.members = members
  }
}
