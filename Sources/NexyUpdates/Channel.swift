/// Whom a release is for.
package enum Channel: String, Sendable, CaseIterable {
  case stable
  case beta

  /// The file with the channel's newest release.
  package var manifestName: String {
    switch self {
    case .stable: "manifest.json"
    case .beta: "manifest_beta.json"
    }
  }

  /// The feed that clients of the channel read.
  package var feedName: String {
    switch self {
    case .stable: "appcast.xml"
    case .beta: "appcast-beta.xml"
    }
  }
}
