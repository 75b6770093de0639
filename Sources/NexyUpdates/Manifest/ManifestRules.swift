/// What a manifest may hold besides what its format says.
package struct ManifestRules: Sendable {
  /// Hosts that artifacts may come from, as `host` (then port 443) or `host:port`, lower case.
  package let allowedHosts: Set<String>

  /// GitHub and the hosts that its release downloads are redirected to.
  package static let gitHubHosts = [
    "github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com",
  ]

  package init(allowedHosts: some Sequence<String> = gitHubHosts) {
    self.allowedHosts = Set(allowedHosts.map { $0.lowercased() })
  }

  /// Bytes of a manifest: real ones have some hundred, notes may have 16 KiB.
  package static let largestManifest = 64 << 10
  /// Bytes of an artifact.
  package static let largestArtifact: Int64 = 16 << 30
  /// Bytes of the release notes in a manifest.
  package static let longestNotes = 16 << 10
  /// Bytes of a URL or of any other short text.
  package static let longestText = 2048
  /// Seconds between two groups of a phased rollout: a minute to a month.
  package static let rolloutIntervals: ClosedRange<Int64> = 60...2_592_000
  /// A date outside of these years is a slip.
  package static let years = 2000...2100
}
