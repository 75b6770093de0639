/// How the channels and their artifacts are at one moment.
package struct UpdateReport: Sendable {
  /// Where a channel's artifact is, and whether it is the one that its manifest describes.
  package enum ArtifactState: String, Sendable, CaseIterable {
    /// Here, with the right checksum.
    case good
    /// Here, and its checksum is being worked out.
    case checking
    /// Here, and not what the manifest says.
    case wrong
    /// It should be here and is not.
    case missing
    /// On another host.
    case elsewhere
  }

  /// What is known of an artifact's signature.
  package enum SignatureState: String, Sendable, CaseIterable {
    case unsigned
    /// Signed; this server has no public key or no such file to check it with.
    case unchecked
    case valid
    case invalid
  }

  /// One channel.
  package struct ChannelReport: Sendable {
    package let manifest: Manifest
    package let artifact: ArtifactState
    package let signature: SignatureState
    package let isFeedSigned: Bool
  }

  /// Channels with a release; beta only while it is on.
  package internal(set) var channels: [Channel: ChannelReport] = [:]
  package internal(set) var isBetaOn: Bool
  /// Whether nobody has published anything yet.
  package internal(set) var isUnpublished = false
  /// What is wrong, one line each, for an operator.
  package internal(set) var reasons: [String] = []
  /// Files that may be downloaded.
  package internal(set) var artifacts: [DownloadShelf.Item] = []

  package var isHealthy: Bool { reasons.isEmpty }
}
