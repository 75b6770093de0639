import NexyCore
import NexyUpdates

/// Says which version a file carries.
package typealias ArtifactInspection =
  @Sendable (_ path: String, _ role: ReleaseFile.Role) async throws -> ArtifactVersion

/// What an operator asks of `nexy release publish`.
package struct PublishRequest: Sendable {
  package var channel: Channel
  /// What people read; the inbox's VERSION by default.
  package var version: String?
  /// What clients compare; the version by default.
  package var build: String?
  package var minimumSystem: String?
  package var architecture: String?
  package var isCritical: Bool
  /// Why a doubt does not count this time.
  package var overrideReason: String?

  package init(
    channel: Channel, version: String? = nil, build: String? = nil, minimumSystem: String? = nil,
    architecture: String? = nil, isCritical: Bool = false, overrideReason: String? = nil
  ) {
    self.channel = channel
    self.version = version
    self.build = build
    self.minimumSystem = minimumSystem
    self.architecture = architecture
    self.isCritical = isCritical
    self.overrideReason = overrideReason
  }
}

/// Decides whether what lies in the inbox may be published, and how; changes nothing.
package struct PublishPlanning: Sendable {
  private let room: ReleaseRoom
  private let inspect: ArtifactInspection

  /// - Parameter inspect: which version an artifact says that it is.
  package init(_ room: ReleaseRoom, inspect: @escaping ArtifactInspection) {
    self.room = room
    self.inspect = inspect
  }

  /// Nothing goes to everybody directly.
  /// - Throws: `NexyError` with code `releaseRefused`.
  package static func checkWay(to channel: Channel) throws {
    guard channel == .stable else { return }
    var readiness = Readiness()
    readiness.refuse(
      "publish-stable", at: "channel", "Nothing is published to everybody directly.",
      remedy: "Publish to beta, validate it there, then `nexy release promote --source beta --target stable`.")
    _ = try readiness.settle(nil, subject: "Publishing to stable")
  }

  /// - Throws: `NexyError` with code `releaseRefused` that tells every reason; what reading the inbox throws.
  package func plan(_ request: PublishRequest) async throws -> ReleasePlan {
    let channel = request.channel
    var readiness = Readiness()
    try Self.checkWay(to: channel)
    let inbox = ReleaseInbox(folder: "\(room.options.inbox)/\(channel.rawValue)")
    var (files, findings) = try await inbox.files()
    readiness.refuse(findings)
    let signing = ReleaseSigning(
      keyFile: room.options.keyFile, publicKey: room.options.publicKey, signatures: room.signatures)
    (files, findings) = try await signing.signed(files, in: inbox)
    readiness.refuse(findings)
    let standing = try room.standing(channel)
    room.voice.say("Current Version: \(standing?.version.text ?? "none")")
    room.voice.say("Target Repo: \(room.store.name)")
    readiness.refuse(try await room.store.problems(tags: room.options[channel].tags))
    let notes = try inbox.notes()
    readiness.refuse(try await scan(files, notes: notes, in: inbox))

    let release = try draft(request, files, notes: notes, standing: standing, &readiness)
    if let release { try await judge(release, files, standing: standing, in: inbox, &readiness) }
    let override = try readiness.settle(request.overrideReason, subject: "Publishing to \(channel.rawValue)")
    guard let release else {
      throw NexyError(.releaseRefused, "There is nothing to publish. Put the release into \(inbox.folder).")
    }
    return PlannedItems(room).plan(.publish, release, files, to: channel, over: standing, override: override) {
      .file(inbox.path($0.role))
    }
  }

  /// The manifest of what is published; nil where there is too little for one.
  private func draft(
    _ request: PublishRequest, _ files: [ReleaseFile], notes: String?, standing: Manifest?,
    _ readiness: inout Readiness
  ) throws -> Manifest? {
    let inbox = "\(room.options.inbox)/\(request.channel.rawValue)"
    guard let version = try request.version ?? ReleaseInbox(folder: inbox).version() else {
      readiness.refuse(
        "version-missing", at: inbox, "Nobody says which version this is.",
        remedy: "Run `nexy version set X.Y.Z.W`, or give --version.")
      return nil
    }
    guard !files.allSatisfy({ $0.role == .notes }) else { return nil }
    let (manifest, findings) = ReleaseManifest(room, request.channel).manifest(
      version: version, build: request.build, files: files, notes: notes, standing: standing, request: request)
    readiness.refuse(findings)
    return manifest
  }

  private func judge(
    _ release: Manifest, _ files: [ReleaseFile], standing: Manifest?, in inbox: ReleaseInbox,
    _ readiness: inout Readiness
  ) async throws {
    readiness.doubt(ReleaseStep.refusals(from: standing, to: release))
    // `2.0.1` is a slip more often than it is meant: this project's versions have four parts.
    for (place, text) in [("version", release.version.text), ("build", release.build.text)]
    where ReleaseVersion(fourParts: text) == nil {
      readiness.doubt(
        "version-parts", at: place, "\(text) has not four parts.", remedy: "Write it as X.Y.Z.W.")
    }
    if let standing, !release.isAbove(standing) {
      readiness.doubt(
        "version-not-above", at: "version",
        "\(release.version) (build \(release.build)) is not above \(standing.version) (build \(standing.build)), "
          + "which the channel has.", remedy: "Give the next version; clients never go back.")
    }
    if let stable = try room.standing(.stable), release.build < stable.build {
      readiness.doubt(
        "version-below-stable", at: "version", "\(release.build) is below \(stable.build), which everybody has.",
        remedy: "Give a version above the stable one.")
    }
    for file in files where file.role != .notes {
      let carried = try await inspect(inbox.path(file.role), file.role)
      guard let finding = carried.finding(for: file.role.fileName, version: release.version, build: release.build)
      else {
        continue
      }
      if finding.effect == .rejected { readiness.doubt([finding]) } else { room.voice.say("Note: \(finding.message)") }
    }
  }

  private func scan(_ files: [ReleaseFile], notes: String?, in inbox: ReleaseInbox) async throws -> [Finding] {
    let scan = SecretScan(secrets: room.options.secrets)
    var findings = notes.map { scan.findings(inText: Array($0.utf8), named: ReleaseFile.Role.notes.fileName) } ?? []
    for file in files where file.role != .notes {
      findings += try await scan.findings(inArtifact: inbox.path(file.role), named: file.role.fileName)
    }
    return findings
  }
}

extension Manifest {
  /// Higher, or the very same release once more.
  fileprivate func isAbove(_ other: Manifest) -> Bool {
    build > other.build || build == other.build && artifact.sha256 == other.artifact.sha256
  }
}
