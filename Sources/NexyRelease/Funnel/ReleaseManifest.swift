import NexyCore
import NexyUpdates

/// Writes down what a release is, as the update server reads it.
struct ReleaseManifest: Sendable {
  private let room: ReleaseRoom
  private let channel: Channel

  init(_ room: ReleaseRoom, _ channel: Channel) {
    self.room = room
    self.channel = channel
  }

  /// The manifest of new bytes; what the channel's own says of machines and systems stays.
  func manifest(
    version: String, build: String?, files: [ReleaseFile], notes: String?, standing: Manifest?, request: PublishRequest
  ) -> (manifest: Manifest?, findings: [Finding]) {
    guard let artifact = PlannedItems.artifact(files) else { return (nil, []) }
    let change = ManifestChange(
      version: version, build: build ?? version, url: address(artifact, version: version), size: artifact.size,
      sha256: artifact.sha256, signature: artifact.signature ?? "", minimumSystem: request.minimumSystem,
      architecture: request.architecture, isCritical: request.isCritical)
    let (changed, findings) = change.applied(to: standing, now: room.now / 1000, rules: room.options.rules)
    guard let changed else { return (nil, findings) }
    return read(changed, files: files, artifact: artifact, version: version, notes: notes)
  }

  /// The same release on another channel, released now.
  func manifest(moving release: Manifest, files: [ReleaseFile]) -> (manifest: Manifest?, findings: [Finding]) {
    guard let artifact = PlannedItems.artifact(files) else { return (nil, []) }
    var moved = release
    var members = release.members["artifact"]?.object ?? [:]
    members["url"] = .string(address(artifact, version: release.version.text))
    moved.members["artifact"] = .object(members)
    moved.members["channel"] = nil
    moved.members["release_date"] = .string(ISO8601.text(seconds: room.now / 1000))
    return read(moved, files: files, artifact: artifact, version: release.version.text, notes: release.notes)
  }

  private func read(
    _ manifest: Manifest, files: [ReleaseFile], artifact: ReleaseFile, version: String, notes: String?
  ) -> (manifest: Manifest?, findings: [Finding]) {
    let placed = files.filter { $0.role != artifact.role }.map { file in
      var placed = file
      placed.place = place(file.role)
      return placed
    }
    var members = ReleaseMembers.manifest(manifest, with: placed).members
    members["notes_url"] = .string(placed.first { $0.role == .notes }?.place?.url ?? "")
    members["notes_markdown"] = notes.flatMap { $0.utf8.count <= ManifestRules.longestNotes ? .string($0) : nil }
    return Manifest.reading(JSONWriter.pretty(.object(members)), rules: room.options.rules)
  }

  private func place(_ role: ReleaseFile.Role) -> ReleaseFile.Place {
    let tag = room.options[channel].tag(of: role)
    return ReleaseFile.Place(
      tag: tag, name: role.fileName, url: room.store.address(tag: tag, name: role.fileName))
  }

  /// Where clients download the feed's artifact.
  private func address(_ file: ReleaseFile, version: String) -> String {
    let name = room.options.namesContent ? file.contentName(version: version) : file.role.fileName
    return room.store.address(tag: room.options[channel].tag(of: file.role), name: name)
  }
}
