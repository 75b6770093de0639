import NexyCore
import NexyUpdates

/// How the channels are: what is written, what lies ready, what is on the shelves, and what clients are told.
package struct ReleaseStatus: Sendable, Encodable {
  package struct File: Sendable, Encodable {
    package let name: String
    /// Bytes.
    package let size: Int64
    package let sha256: String?
  }

  package struct Row: Sendable, Encodable {
    package let channel: String
    package let version: String?
    package let build: String?
    package let size: Int64?
    package let sha256: String?
    /// `valid`, `invalid`, `unchecked` or `none`.
    package let signature: String
    package let notes: Bool
    /// Whether the release was validated, in words; nil on the channel that nothing is validated on.
    package let validation: String?
    /// Seconds since the release date.
    package let age: Int64?
    package let address: String?
    package let inboxVersion: String?
    package let inbox: [File]
    package let shelf: [File]
    /// The version that the feed shows; nil where it shows none.
    package let feed: String?
    /// What does not agree, in words.
    package let drift: [String]
  }

  package let store: String
  package let channels: [Row]
  /// What an earlier command left half done.
  package let underWay: String?
}

/// Gathers the status; changes nothing, and a part that cannot be had is drift in words.
package struct StatusGathering: Sendable {
  private let room: ReleaseRoom

  package init(_ room: ReleaseRoom) { self.room = room }

  package func status() async throws -> ReleaseStatus {
    var rows: [ReleaseStatus.Row] = []
    for channel in Channel.allCases.reversed() { rows.append(await row(channel)) }
    let journal: ReleaseJournal?
    do { journal = try room.journal.read() } catch {
      return ReleaseStatus(store: room.store.name, channels: rows, underWay: words(error))
    }
    return ReleaseStatus(
      store: room.store.name, channels: rows,
      underWay: journal.map {
        "\($0.plan.kind.rawValue) of \($0.plan.version) to \($0.plan.channel), step \($0.done + 1) of "
          + "\($0.plan.steps.count), begun at \($0.startedAt): run it again, or any other release command settles it"
      })
  }

  private func row(_ channel: Channel) async -> ReleaseStatus.Row {
    var drift: [String] = []
    let manifest = told(&drift) { try room.standing(channel) } ?? nil
    let inbox = ReleaseInbox(folder: "\(room.options.inbox)/\(channel.rawValue)")
    let inboxVersion = told(&drift) { try inbox.version() } ?? nil
    var lying: [ReleaseFile] = []
    do { lying = try await inbox.files().files } catch { drift.append("inbox: \(words(error))") }
    let shelf = await shelf(channel, &drift)
    let feed = await feed(channel, &drift)
    if let manifest {
      if let feed, feed != manifest.version.text {
        drift.append("the feed shows \(feed), the manifest says \(manifest.version)")
      }
      if let shelf { drift += shelfDrift(manifest, channel, shelf) }
      if let version = inboxVersion.flatMap(ReleaseVersion.init), version > manifest.version {
        drift.append("the inbox holds \(version), which is not published")
      }
    } else if let feed {
      drift.append("the feed shows \(feed), and there is no manifest")
    }
    return ReleaseStatus.Row(
      channel: channel.rawValue, version: manifest?.version.text, build: manifest?.build.text,
      size: manifest?.artifact.size, sha256: manifest?.artifact.sha256, signature: await signature(manifest),
      notes: manifest.map { $0.notes != nil || $0.notesURL != nil } ?? false,
      validation: channel == .beta ? manifest.map { validation($0, channel) } : nil,
      age: manifest.map { max(0, room.now / 1000 - $0.releaseDate) }, address: manifest?.artifact.url,
      inboxVersion: inboxVersion,
      inbox: lying.map { .init(name: $0.role.fileName, size: $0.size, sha256: $0.sha256) },
      shelf: (shelf ?? []).map { .init(name: "\($0.tag)/\($0.name)", size: $0.size, sha256: $0.sha256) }, feed: feed,
      drift: drift)
  }

  private func told<Value>(_ drift: inout [String], _ body: () throws -> Value) -> Value? {
    do { return try body() } catch {
      drift.append(words(error))
      return nil
    }
  }

  private func words(_ error: any Error) -> String { (error as? NexyError)?.message ?? "\(error)" }

  private func validation(_ manifest: Manifest, _ channel: Channel) -> String {
    let refusal = ReceiptRule.refusal(
      ReceiptFolder(state: room.options.stateFolder).reading(of: manifest, on: channel), channel: channel,
      manifest: manifest, files: manifest.releaseFiles.filter { $0.place != nil }, now: room.now,
      hours: room.options.receiptHours)
    guard let refusal else { return "validated" }
    return refusal.rule == "receipt-missing" ? "not validated" : "not valid: \(refusal.message)"
  }

  /// What is on a channel's shelves; nil where nobody could say.
  private func shelf(_ channel: Channel, _ drift: inout [String]) async -> [StoreAsset]? {
    var assets: [StoreAsset] = []
    for tag in room.options[channel].tags {
      do { assets += try await room.store.assets(of: tag) } catch {
        drift.append("the store cannot be asked for \(tag): \(words(error))")
        // Whoever only looks does not ask a store again that is away.
        if (error as? NexyError)?.code != .tagMissing { return nil }
      }
    }
    return assets
  }

  private func feed(_ channel: Channel, _ drift: inout [String]) async -> String? {
    let url = room.feedAddress(channel)
    do {
      switch try await room.feed(channel) {
      case .shows(let version?, _): return version
      case .shows, .empty: drift.append("the feed shows no release: \(url)")
      case .status(let status): drift.append("the feed answers with status \(status): \(url)")
      case .unreachable(let reason): drift.append("the feed cannot be asked: \(reason)")
      }
    } catch { drift.append("the feed cannot be asked: \(words(error))") }
    return nil
  }

  /// Whether the shelf has what the manifest says, under both names.
  private func shelfDrift(_ manifest: Manifest, _ channel: Channel, _ shelf: [StoreAsset]) -> [String] {
    guard !shelf.isEmpty else { return ["the shelf is empty"] }
    return manifest.releaseFiles.flatMap { file in
      let tag = room.options[channel].tag(of: file.role)
      let isFed = file.place == nil && room.options.namesContent
      let names = [file.role.fileName] + (isFed ? [file.contentName(version: manifest.version.text)] : [])
      return names.compactMap { name in
        guard let asset = shelf.first(where: { $0.tag == tag && $0.name == name }) else {
          return "\(tag) has no \(name)"
        }
        let isOther = asset.size != file.size || asset.sha256 != nil && asset.sha256 != file.sha256
        return isOther ? "\(name) of \(tag) is not what the manifest says" : nil
      }
    }
  }

  private func signature(_ manifest: Manifest?) async -> String {
    guard let manifest, let text = manifest.artifact.signature else { return "none" }
    let file = ReleaseFile(role: .dmg, size: manifest.artifact.size, sha256: manifest.artifact.sha256)
    guard room.kept.holds(file), let isValid = try? await room.signatures.isValid(room.kept.path(file), text) else {
      return "unchecked"
    }
    return isValid ? "valid" : "invalid"
  }
}
