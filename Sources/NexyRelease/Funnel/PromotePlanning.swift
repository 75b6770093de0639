import NexyCore
import NexyUpdates

/// Decides whether a channel's release may go to everybody, byte for byte; changes nothing.
package struct PromotePlanning: Sendable {
  private let room: ReleaseRoom

  package init(_ room: ReleaseRoom) { self.room = room }

  /// - Parameter overrideReason: why a doubt, such as a missing validation, does not count this time.
  /// - Throws: `NexyError` with code `releaseRefused` that tells every reason.
  package func decide(
    from source: Channel, to target: Channel, overrideReason: String? = nil
  ) async throws -> Funnel.Decision {
    var readiness = Readiness()
    if source != .beta || target != .stable {
      readiness.refuse(
        "promote-way", at: "channels", "A release goes from beta to stable, not from \(source) to \(target).",
        remedy: "Give --source beta --target stable.")
      _ = try readiness.settle(nil, subject: "Promoting")
    }
    guard let release = try room.standing(source) else {
      readiness.refuse(
        "promote-nothing", at: source.rawValue, "The channel has no release.",
        remedy: "Publish one with `nexy release publish --channel \(source)`.")
      _ = try readiness.settle(nil, subject: "Promoting")
      return .skip("nothing is on \(source)")
    }
    let files = [ReleaseFile(artifactOf: release)].compactMap(\.self) + (try ReleaseMembers.files(of: release))
    room.voice.say("Target Repo: \(room.store.name)")
    room.voice.say("Promote source=\(source) target=\(target) version=\(release.version)")
    let standing = try room.standing(target)
    if let standing, standing.isSameRelease(as: release) {
      return .skip("\(target) has \(release.version) with the same size and SHA-256 already.")
    }
    readiness.refuse(try await room.store.problems(tags: room.options[source].tags + room.options[target].tags))
    try await judge(release, files, source, &readiness)
    let (manifest, findings) = ReleaseManifest(room, target).manifest(moving: release, files: files)
    readiness.refuse(findings)
    if let manifest { readiness.doubt(ReleaseStep.refusals(from: standing, to: manifest)) }
    let override = try readiness.settle(overrideReason, subject: "Promoting \(release.version)")
    guard let manifest else {
      throw NexyError(.releaseRefused, "The release has no manifest. Publish it to \(source) again.")
    }
    return .carryOut(
      PlannedItems(room).plan(.promote, manifest, files, to: target, over: standing, override: override) {
        origin(of: $0, release, source)
      })
  }

  /// Where a file is promoted from.
  private func origin(of file: ReleaseFile, _ release: Manifest, _ source: Channel) -> ReleasePlan.Origin {
    if let place = file.place { return .shelf(tag: place.tag, name: place.name) }
    let content = file.contentName(version: release.version.text)
    let name = release.artifact.url.hasSuffix(content) ? content : file.role.fileName
    return .shelf(tag: room.options[source].tag(of: file.role), name: name)
  }

  private func judge(
    _ release: Manifest, _ files: [ReleaseFile], _ source: Channel, _ readiness: inout Readiness
  ) async throws {
    if room.options.publicKey != nil {
      for file in files where file.role != .notes && file.signature == nil {
        readiness.refuse(
          "signature-missing", at: file.role.fileName, "It is not signed, and clients check with UPDATE_PUBLIC_KEY.",
          remedy: "Publish it to \(source) again with RELEASE_KEY_FILE set.")
      }
    }
    readiness.refuse(try await ReleaseSigning.stale(files, in: room))
    let others = files.filter { $0.place != nil }
    if let doubt = ReceiptRule.refusal(
      ReceiptFolder(state: room.options.stateFolder).reading(of: release, on: source), channel: source,
      manifest: release, files: others, now: room.now, hours: room.options.receiptHours)
    {
      readiness.doubt([doubt])
    }
  }
}
