import NexyCore
import NexyUpdates

/// What the release room is told by the settings.
package struct ReleaseOptions: Sendable {
  /// A channel's shelves.
  package struct Shelves: Sendable {
    /// The tag of the DMG and the notes.
    package var dmgTag: String
    /// The tag of the PKG.
    package var pkgTag: String
    /// Where the channel's clients reach the update server, such as `https://host/updates`.
    package var updatesURL: String

    package init(dmgTag: String, pkgTag: String, updatesURL: String) {
      self.dmgTag = dmgTag
      self.pkgTag = pkgTag
      self.updatesURL = updatesURL
    }

    package func tag(of role: ReleaseFile.Role) -> String { role == .pkg ? pkgTag : dmgTag }
    package var tags: [String] { dmgTag == pkgTag ? [dmgTag] : [dmgTag, pkgTag] }
  }

  /// The folder with a folder for each channel in it.
  package var inbox: String
  /// The folder of the lock, the journal, the receipts and the past bytes.
  package var stateFolder: String
  /// The folder of manifests that the update server reads.
  package var manifests: String
  package var rules: ManifestRules
  package var stable: Shelves
  package var beta: Shelves
  /// Whether the feed names the bytes themselves rather than the shelf's fixed name.
  package var namesContent: Bool
  package var publicKey: SparklePublicKey?
  /// The file of the private signing key; nil where releases come signed, or unsigned.
  package var keyFile: String?
  package var receiptHours: Int
  /// Past releases of a channel whose bytes are kept, here and on its shelves.
  package var keptReleases: Int
  /// How long clients may hold a feed.
  package var feedLife: Duration
  /// Values that must never be pushed.
  package var secrets: [[UInt8]]

  package init(
    inbox: String, stateFolder: String, manifests: String, rules: ManifestRules, stable: Shelves, beta: Shelves,
    namesContent: Bool = true, publicKey: SparklePublicKey? = nil, keyFile: String? = nil, receiptHours: Int = 24,
    keptReleases: Int = 3, feedLife: Duration = .seconds(60), secrets: [[UInt8]] = []
  ) {
    self.inbox = inbox
    self.stateFolder = stateFolder
    self.manifests = manifests
    self.rules = rules
    self.stable = stable
    self.beta = beta
    self.namesContent = namesContent
    self.publicKey = publicKey
    self.keyFile = keyFile
    self.receiptHours = receiptHours
    self.keptReleases = keptReleases
    self.feedLife = feedLife
    self.secrets = secrets
  }

  package subscript(channel: Channel) -> Shelves {
    switch channel {
    case .stable: stable
    case .beta: beta
    }
  }

  /// The lease of everything that changes a release.
  package var lockPath: String { "\(stateFolder)/release.lock" }
  package var journalPath: String { "\(stateFolder)/journal.json" }
}
