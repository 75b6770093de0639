import NexyCore
import NexyUpdates

/// Decides whether a channel can go back to a release that it had, from the bytes that were kept; changes nothing.
package struct RollbackPlanning: Sendable {
  private let room: ReleaseRoom
  private let inspect: ArtifactInspection

  package init(_ room: ReleaseRoom, inspect: @escaping ArtifactInspection) {
    self.room = room
    self.inspect = inspect
  }

  /// - Parameter rebuild: the higher build under which the old bytes go out again, if they carry it.
  /// - Throws: `NexyError` with code `releaseRefused` that tells every reason.
  package func decide(
    _ channel: Channel, to version: String, rebuild: String? = nil
  ) async throws -> Funnel.Decision {
    var readiness = Readiness()
    let standing = try room.standing(channel)
    room.voice.say("Current Version: \(standing?.version.text ?? "none")")
    room.voice.say("Target Repo: \(room.store.name)")
    let wanted = ReleaseVersion(version)
    let known = try room.history.releases(of: channel)
    guard let entry = known.first(where: { ReleaseVersion($0.plan.version) == wanted && wanted != nil }) else {
      let names = known.map(\.plan.version).joined(separator: ", ")
      readiness.refuse(
        "rollback-unknown", at: version, "\(channel) never had this version here.",
        remedy: names.isEmpty ? "Nothing was released from here yet." : "Known are \(names).")
      _ = try readiness.settle(nil, subject: "Rolling back")
      return .skip("nothing is known of \(version)")
    }
    let files = entry.plan.items.map(\.file)
    for file in files where !room.kept.holds(file) {
      readiness.refuse(
        "rollback-bytes", at: file.role.fileName, "The bytes of \(version) are kept no more.",
        remedy: "Publish the old artifact from the inbox. RELEASE_KEPT says how many releases are kept.")
    }
    readiness.refuse(try await room.store.problems(tags: room.options[channel].tags))
    let old = Manifest.reading(Array(entry.plan.manifest.utf8), rules: room.options.rules)
    readiness.refuse(old.findings)
    var manifest = old.manifest
    if let rebuild { manifest = try await rebuilt(manifest, files, as: rebuild, over: standing, &readiness) }
    if let old = manifest {
      // Today's shelves and addresses, whatever they were then.
      let (placed, findings) = ReleaseManifest(room, channel).manifest(moving: old, files: files)
      readiness.refuse(findings)
      manifest = placed
    }
    readiness.refuse(try await ReleaseSigning.stale(files, in: room))
    if let manifest, let standing, manifest.isSameRelease(as: standing) {
      return .skip("\(channel) has \(version) already.")
    }
    let refusals = manifest.map { ReleaseStep.refusals(from: standing, to: $0) } ?? []
    _ = try readiness.settle(nil, subject: "Rolling back")
    guard let manifest else { throw NexyError(.releaseRefused, "The old manifest cannot be read any more.") }
    if rebuild == nil { room.voice.say(Self.forwardOnly(standing, channel)) }
    let override = ReleasePlan.Override(reason: "nexy release rollback --to \(version)", rules: refusals.map(\.rule))
    return .carryOut(
      PlannedItems(room).plan(
        .rollback, manifest, files, to: channel, over: standing, override: refusals.isEmpty ? nil : override
      ) { _ in .kept })
  }

  /// Sparkle and the released client compare builds and go up only
  /// (https://sparkle-project.org/documentation/publishing/).
  private static func forwardOnly(_ standing: Manifest?, _ channel: Channel) -> String {
    """
    Note: clients only move forward. Who has \(standing.map { "\($0.build)" } ?? "a newer build") keeps it; \
    who has not yet will get the older one from \(channel). To take the others back, build the old code under a higher \
    build and publish that, or roll back with --rebuild-as when the kept artifact carries such a build.
    """
  }

  private func rebuilt(
    _ manifest: Manifest?, _ files: [ReleaseFile], as build: String, over standing: Manifest?,
    _ readiness: inout Readiness
  ) async throws -> Manifest? {
    guard let version = ReleaseVersion(build), standing.map({ version > $0.build }) ?? true else {
      readiness.refuse(
        "rebuild-higher", at: build, "It is not above \(standing.map { "\($0.build)" } ?? "nothing").",
        remedy: "Give a higher build.")
      return nil
    }
    guard var manifest, let artifact = PlannedItems.artifact(files) else { return nil }
    switch try await inspect(room.kept.path(artifact), artifact.role) {
    case .known(let carried, _) where ReleaseVersion(carried) == version: break
    case .known(let carried, _):
      readiness.refuse(
        "rebuild-carried", at: artifact.role.fileName,
        "The kept artifact carries build \(carried), not \(build). Clients would install it, still be \(carried), "
          + "and be offered it again for ever.",
        remedy: "Build the old code with CFBundleVersion \(build) and publish that.")
    case .unknown(let reason):
      readiness.refuse(
        "rebuild-unknown", at: artifact.role.fileName,
        "Nobody can say which build the kept artifact carries: \(reason)",
        remedy: "Build the old code with CFBundleVersion \(build) and publish that.")
    }
    manifest.version = version
    manifest.build = version
    manifest.releaseDate = room.now / 1000
    return Manifest.reading(manifest.encoded(), rules: room.options.rules).manifest
  }
}
