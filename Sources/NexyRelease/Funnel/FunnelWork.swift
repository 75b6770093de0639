import NexyCore
import NexyUpdates

/// Does the steps of one plan; each looks at what is there first, so that it may be done again after a crash.
struct FunnelWork: Sendable {
  /// How long the public address may lag behind the shelf.
  private static let publicPatience = Duration.seconds(60)
  /// A feed follows its manifest within 20 ms; a server far away may take a little longer.
  private static let feedPauses: [Duration] = [.milliseconds(50), .milliseconds(450), .seconds(2)]

  let room: ReleaseRoom
  let owner: String
  let plan: ReleasePlan

  func perform(_ step: FunnelStep) async throws {
    switch step {
    case .keep(let index): try await keep(plan.items[index])
    case .announce: try await room.writer(owner).announce(try manifest(), for: plan.target)
    case .upload(let index, let name): try await upload(index, name)
    case .verify(let index, let name): try await verify(index, name)
    case .swap(let index): try await swap(index)
    case .check(let index, let name): try await check(index, name)
    case .feed: try await lookAtFeed()
    case .manifest: try await writeManifest()
    case .wait: try await room.surroundings.clock.sleep(for: room.options.feedLife)
    case .record: try record()
    case .clear: try await clear()
    }
  }

  private func manifest() throws -> Manifest {
    let (manifest, findings) = Manifest.reading(Array(plan.manifest.utf8), rules: room.options.rules)
    guard let manifest else {
      let lines = findings.map(\.description).joined(separator: "\n  ")
      throw NexyError(.manifestRefused, "The planned manifest breaks its rules.\n  \(lines)")
    }
    return manifest
  }

  // MARK: - Bytes

  private func keep(_ item: ReleasePlan.Item) async throws {
    switch item.origin {
    case .file(let path):
      let progress = room.voice.progress("keep \(item.file.role.fileName)")
      try await room.kept.keep(item.file, from: path, progress: progress)
    case .shelf(let tag, let name):
      try await room.kept.keep(item.file) { path in
        guard let asset = try await asset(name, of: tag) else {
          throw NexyError(.releaseUnsound, "\(name) is not on \(tag). Publish the release to its source channel again.")
        }
        return try await room.store.fetch(asset, to: path, progress: room.voice.progress("download \(name)"))
      }
    case .kept:
      guard room.kept.holds(item.file) else {
        throw NexyError(.releaseUnsound, "\(room.kept.path(item.file)) is gone: the bytes are kept no more.")
      }
    }
  }

  private func upload(_ index: Int, _ name: FunnelStep.Name) async throws {
    let item = plan.items[index]
    let shelfName = plan.shelfName(index, name)
    for name in (name == .fixed ? [item.file.role.fileName] : []) + [shelfName] where try await holds(item, as: name) {
      return room.voice.say("Already there: \(name)")
    }
    let asset = try await room.store.upload(
      room.kept.path(item.file), digest: item.file.digest, as: shelfName, to: item.tag,
      progress: room.voice.progress("upload \(shelfName)"))
    room.voice.say("Uploaded new asset. URL: \(room.store.address(tag: item.tag, name: asset.name))")
  }

  private func verify(_ index: Int, _ name: FunnelStep.Name) async throws {
    let item = plan.items[index]
    if name == .fixed, try await holds(item, as: item.file.role.fileName) { return }
    let shelfName = plan.shelfName(index, name)
    guard try await holds(item, as: shelfName) else {
      throw NexyError(
        .releaseUnsound,
        "\(shelfName) of \(item.tag) is not what was uploaded. Run the command again to upload it anew.")
    }
  }

  private func swap(_ index: Int) async throws {
    let item = plan.items[index]
    let fixed = item.file.role.fileName
    let before = try await asset(fixed, of: item.tag)
    guard let incoming = try await asset(item.file.incomingName, of: item.tag) else {
      guard let before, try await has(before, item.file) else {
        throw NexyError(.releaseUnsound, "\(item.file.incomingName) is gone from \(item.tag). Run the command again.")
      }
      return
    }
    _ = try await room.store.swap(incoming, into: fixed)
    if before != nil { room.voice.say("Deleted old asset: \(fixed)") }
  }

  /// Downloads what clients will, from where they do.
  private func check(_ index: Int, _ name: FunnelStep.Name) async throws {
    let item = plan.items[index]
    let publicName = name == .content ? plan.shelfName(index, .content) : item.file.role.fileName
    let address = room.store.address(tag: item.tag, name: publicName)
    try await eventually {
      let (answer, digest) = try await room.web.digest(
        of: address, progress: room.voice.progress("check \(publicName)"))
      if digest == item.file.digest { return nil }
      let observed = digest.map { "\($0.size) bytes with SHA-256 \($0.sha256)" } ?? "status \(answer.status)"
      return "\(address) gives \(observed), not \(item.file.size) bytes with SHA-256 \(item.file.sha256)"
    }
  }

  /// Whether clients are told of the release. Where the manifest still has to be brought to its server they are not yet,
  /// so that is a warning and no failure.
  private func lookAtFeed() async throws {
    var feed = PublicFeed.empty
    for pause in Self.feedPauses {
      try await room.surroundings.clock.sleep(for: pause)
      feed = try await room.feed(plan.target)
      if case .shows(_, plan.build) = feed { return }
    }
    room.voice.say(
      "WARNING: \(room.feedAddress(plan.target)) \(feed.words), not \(plan.build). See that its server reads \(room.options.manifests) and allows the artifact's host."
    )
  }

  /// Tries until there is no problem any more.
  private func eventually(_ problem: () async throws -> String?) async throws {
    var (waited, pause) = (Duration.zero, Duration.milliseconds(100))
    while true {
      var seen: String?
      do { seen = try await problem() } catch let error as NexyError { seen = error.message }
      guard let told = seen else { return }
      guard waited < Self.publicPatience else {
        throw NexyError(
          .releaseUnsound,
          """
          \(told). The feed was not changed. See that the update server answers there \
          (for a beta: nexy serve --runtime staging, with UPDATE_BETA_ENABLED=true), then run the command again.
          """)
      }
      try await room.surroundings.clock.sleep(for: pause)
      waited += pause
      pause = min(pause * 2, .seconds(5))
    }
  }

  private func asset(_ name: String, of tag: String) async throws -> StoreAsset? {
    try await room.store.assets(of: tag).first { $0.name == name }
  }

  /// Whether a file's shelf has its bytes under a name.
  private func holds(_ item: ReleasePlan.Item, as name: String) async throws -> Bool {
    guard let asset = try await asset(name, of: item.tag) else { return false }
    return try await has(asset, item.file)
  }

  private func has(_ asset: StoreAsset, _ file: ReleaseFile) async throws -> Bool {
    guard asset.size == file.size else { return false }
    if let sha256 = asset.sha256 { return sha256 == file.sha256 }
    return try await room.store.digest(of: asset, progress: room.voice.progress("read back \(asset.name)"))
      == file.digest
  }

  // MARK: - What clients read

  private func writeManifest() async throws {
    let manifest = try manifest()
    let standing = try room.standing(plan.target)
    if let standing, standing.encoded() == manifest.encoded(), try isPairWhole(manifest) {
      room.voice.say("Manifest already synced, skip: \(plan.target.manifestName) (\(manifest.version))")
    } else {
      let outcome = try await room.writer(owner).write(manifest, to: plan.target, overriding: plan.override?.reason)
      room.voice.say("Manifest synced: \(outcome.files.last ?? "") (\(manifest.version))")
    }
    try signFeed(manifest)
  }

  /// A publisher who signs feeds signs the new one: the old one is no longer served.
  private func signFeed(_ manifest: Manifest) throws {
    let path = "\(room.options.manifests)/\(plan.target.feedName)"
    guard FileKind(path) != nil else { return }
    guard let keyFile = room.options.keyFile else {
      return room.voice.say(
        "Note: \(path) is signed for another release: sign the new feed as docs/releasing.md tells.")
    }
    let feed = try SignedFeed.signing(Appcast.bytes(for: manifest), with: PrivateKeyFile.read(keyFile))
    try AtomicFile.write(feed, to: path)
    room.voice.say("Feed signed: \(plan.target.feedName)")
  }

  /// The stable release stands in two files.
  private func isPairWhole(_ manifest: Manifest) throws -> Bool {
    guard plan.target == .stable else { return true }
    let path = "\(room.options.manifests)/manifest_\(manifest.version).json"
    return try SmallText.read(path, limit: ManifestRules.largestManifest) == manifest.encoded()
  }

  private func record() throws {
    let last = try room.history.releases(of: plan.target).first
    if last?.plan == plan { return }
    try room.history.append(ReleaseHistory.released, plan, at: room.now)
  }

  // MARK: - What goes

  private func clear() async throws {
    let checksums = try await sweep { room.voice.say("Deleted old asset: \($0)") }
    room.kept.prune(keeping: checksums)
  }

  /// Takes away what nobody needs of the plan's shelves.
  /// - Returns: the checksums of the bytes that stay.
  private func sweep(_ tell: (_ name: String) -> Void) async throws -> Set<String> {
    let retention = try ReleaseRetention(room, plan: plan)
    for tag in Set(plan.items.map(\.tag)).sorted() {
      for asset in try await room.store.assets(of: tag) where retention.isOld(asset.name, of: tag) {
        try await room.store.delete(asset)
        tell(asset.name)
      }
    }
    return retention.checksums
  }

  /// Takes back what nobody has seen: what was uploaded beside the fixed names, and the announcement.
  func undo() async throws {
    let checksums = try await sweep { _ in }
    // Rules that were narrowed meanwhile are no reason to keep what is undone.
    if let manifest = try? manifest() { try await room.writer(owner).withdraw(manifest, from: plan.target) }
    try room.history.append(ReleaseHistory.undone, plan, at: room.now)
    room.kept.prune(keeping: checksums)
  }
}
