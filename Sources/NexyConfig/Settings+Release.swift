import NexyCore

extension Settings {
  /// How the client's releases are published.
  package struct Release: Sendable, Equatable {
    /// Where released files are kept.
    package enum Store: String, Sendable, CaseIterable {
      /// A folder that the update server serves.
      case directory
      case github
    }

    /// What the feed names: the bytes, or the shelf's fixed name.
    package enum Address: String, Sendable, CaseIterable { case content, fixed }

    /// A channel's shelves, and where its clients reach the update server.
    package struct Shelves: Sendable, Equatable {
      package var dmgTag: String
      package var pkgTag: String
      package var updatesURL: String
    }

    package var store: Store
    /// `owner/name` on GitHub.
    package var repository: String
    package var gitHubAPI: String
    /// Where GitHub's pages and downloads are.
    package var gitHubWeb: String
    /// What GitHub knows the operator by; nil where `gh` knows it.
    package var gitHubToken: String?
    /// The folder with a folder for each channel in it.
    package var inbox: String
    /// What the commands keep: lock, journal, receipts, past bytes.
    package var stateFolder: String
    package var stable: Shelves
    package var beta: Shelves
    /// Where the staging runtime answers `/health`.
    package var stagingURL: String
    package var address: Address
    /// The private half of the signing key; nil where releases come signed, or unsigned.
    package var keyFile: String?
    /// How long a validation counts.
    package var receiptHours: Int
    /// Past releases whose bytes are kept, here and on the shelves.
    package var keptReleases: Int
    /// How long clients may hold a feed.
    package var feedLife: Duration
    /// Seconds that a store's rate limit is waited for.
    package var patience: Duration
    /// Where versions stand: a row for each place, as `VersionTable` reads them.
    package var versionPlaces: String
  }

  static func release(_ reader: inout SettingsReader, updates: Updates, dataFolder: String) -> Release {
    let ports = (production: Runtime.production.ports, staging: Runtime.staging.ports)
    func shelves(
      _ channel: String, _ tags: (dmg: String, pkg: String), _ url: String, _ reader: inout SettingsReader
    ) -> Release.Shelves {
      let name = "RELEASE_\(channel.uppercased())"
      return Release.Shelves(
        dmgTag: reader.text("release.\(channel).dmg_tag", "\(name)_DMG_TAG", default: tags.dmg),
        pkgTag: reader.text("release.\(channel).pkg_tag", "\(name)_PKG_TAG", default: tags.pkg),
        updatesURL: reader.url("release.\(channel).updates_url", "\(name)_UPDATES_URL", default: url))
    }
    let inbox = reader.text("release.inbox", "RELEASE_INBOX", default: "release_inbox")
    let stable = shelves(
      "stable", ("Update", "App"), updates.publicURL ?? "http://localhost:\(ports.production.updates)", &reader)
    let beta = shelves("beta", ("UpdateBeta", "AppBeta"), "http://localhost:\(ports.staging.updates)", &reader)
    if !Set([stable.dmgTag, stable.pkgTag]).isDisjoint(with: [beta.dmgTag, beta.pkgTag]) {
      reader.refuse("release.stable and release.beta share a tag: each channel needs shelves of its own.")
    }
    return Release(
      store: reader.choice("release.store", "RELEASE_STORE", default: .directory),
      repository: reader.text("release.repository", "RELEASE_REPOSITORY", default: "Seregawpn/Nexy_production"),
      gitHubAPI: reader.url("release.github_api", "RELEASE_GITHUB_API", default: "https://api.github.com"),
      gitHubWeb: reader.url("release.github_web", "RELEASE_GITHUB_WEB", default: "https://github.com"),
      gitHubToken: reader.key("release.github_token", "GITHUB_TOKEN"),
      inbox: inbox,
      stateFolder: reader.text("release.state_dir", "RELEASE_STATE_DIR", default: "\(dataFolder)/release"),
      stable: stable, beta: beta,
      stagingURL: reader.url(
        "release.staging_url", "RELEASE_STAGING_URL", default: "http://localhost:\(ports.staging.http)"),
      address: reader.choice("release.address", "RELEASE_ADDRESS", default: .content),
      keyFile: reader.optionalText("release.key_file", "RELEASE_KEY_FILE"),
      receiptHours: reader.integer("release.receipt_hours", "RELEASE_RECEIPT_HOURS", default: 24, in: 1...720),
      keptReleases: reader.integer("release.kept", "RELEASE_KEPT", default: 3, in: 1...100),
      feedLife: .seconds(reader.integer("release.feed_life", "RELEASE_FEED_LIFE", default: 60, in: 0...3600)),
      patience: .seconds(reader.integer("release.patience", "RELEASE_PATIENCE", default: 900, in: 1...7200)),
      versionPlaces: reader.text(
        "version.places", "VERSION_PLACES", default: standardVersionPlaces(manifests: updates.manifests, inbox: inbox)))
  }

  /// Axis, kind, path, and what the kind needs; rows are parted by `;`.
  private static func standardVersionPlaces(manifests: String, inbox: String) -> String {
    func quoted(_ path: String) -> String { path.contains(where: \.isWhitespace) ? "\"\(path)\"" : path }
    let stable = quoted("\(manifests)/manifest.json")
    return [
      "server file VERSION",
      "server text Sources/NexyCore/Nexy.swift static let version = \"{version}\"",
      "server setting config.env SERVER_VERSION",
      "server yaml config/nexy.yaml server.version",
      "server text docs/operating.md Server version: {version}",
      "client file \(quoted("\(inbox)/beta/VERSION"))",
      "client manifest \(stable)",
      "client manifest \(quoted("\(manifests)/manifest_beta.json"))",
      "client copy server/updates/manifests/manifest.json \(stable)",
      "client text docs/releasing.md version: \"{version}\"",
    ].joined(separator: "; ")
  }
}
