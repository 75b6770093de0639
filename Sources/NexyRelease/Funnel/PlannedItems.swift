import NexyUpdates

/// Which names the files of a release get, and where they come from.
struct PlannedItems: Sendable {
  private let options: ReleaseOptions

  init(_ room: ReleaseRoom) { options = room.options }

  /// The feed's artifact: the DMG, else the PKG.
  static func artifact(_ files: [ReleaseFile]) -> ReleaseFile? {
    files.first { $0.role == .dmg } ?? files.first { $0.role == .pkg }
  }

  /// - Parameter origin: where a file's bytes come from.
  func items(
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
