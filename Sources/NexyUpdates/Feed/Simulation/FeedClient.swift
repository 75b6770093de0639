/// A Mac that looks for an update.
package struct FeedClient: Sendable {
  /// What its application was built for.
  package enum Architecture: String, Sendable, CaseIterable {
    case arm64
    case x86 = "x86_64"
  }

  /// What it runs: its `CFBundleVersion`.
  package var build: String
  /// Its macOS, such as `14.5.0`.
  package var systemVersion: String
  package var architecture: Architecture
  /// The channels that it reads beside the default one.
  package var channels: Set<String>
  /// Its group of a phased rollout, 0 to 6; Sparkle draws it at random.
  package var group: Int
  /// Seconds since 1970, UTC.
  package var time: Int64
  /// Whether a person asked; such a check waits for no group.
  package var isManualCheck: Bool

  package init(
    build: String, systemVersion: String, architecture: Architecture = .arm64, channels: Set<String> = [],
    group: Int = 0, time: Int64, isManualCheck: Bool = false
  ) {
    self.build = build
    self.systemVersion = systemVersion
    self.architecture = architecture
    self.channels = channels
    self.group = group
    self.time = time
    self.isManualCheck = isManualCheck
  }
}
