import NexyCore
import NexyUpdates

/// Which names the files of a release get, and where they come from.
struct PlannedItems: Sendable {
  private let options: ReleaseOptions
  private let store: any ReleaseStore

  init(_ room: ReleaseRoom) {
    options = room.options
    store = room.store
  }

  /// The feed's artifact: the DMG, else the PKG.
  static func artifact(_ files: [ReleaseFile]) -> ReleaseFile? {
    files.first { $0.role == .dmg } ?? files.first { $0.role == .pkg }
  }

  /// Whether the feed of a manifest names a file that a release replaces.
  private func namesFixed(_ manifest: Manifest?, on channel: Channel) -> Bool {
    guard let manifest else { return false }
    return ReleaseFile.Role.allCases.contains {
      manifest.artifact.url == store.address(tag: options[channel].tag(of: $0), name: $0.fileName)
    }
  }

  /// A plan that puts a release on a channel's shelves and its manifest in place.
  ///
  /// - Parameters:
  ///   - standing: what the channel has.
  ///   - origin: where a file's bytes come from.
  func plan(
    _ kind: ReleasePlan.Kind, _ manifest: Manifest, _ files: [ReleaseFile], to channel: Channel,
    over standing: Manifest?, override: ReleasePlan.Override?, origin: (ReleaseFile) -> ReleasePlan.Origin
  ) -> ReleasePlan {
    ReleasePlan(
      kind: kind, channel: channel.rawValue, version: manifest.version.text, build: manifest.build.text,
      items: items(files, version: manifest.version.text, to: channel, origin: origin),
      manifest: String(decoding: manifest.encoded(), as: UTF8.self), override: override,
      replacesFedName: namesFixed(standing, on: channel), previous: standing.map(ReleasePlan.Previous.init))
  }

  private func items(
    _ files: [ReleaseFile], version: String, to channel: Channel, origin: (ReleaseFile) -> ReleasePlan.Origin
  ) -> [ReleasePlan.Item] {
    files.map { file in
      let isFed = options.namesContent && file.role == Self.artifact(files)?.role
      return ReleasePlan.Item(
        file: file, origin: origin(file), tag: options[channel].tag(of: file.role),
        contentName: isFed ? file.contentName(version: version) : nil)
    }
  }
}
