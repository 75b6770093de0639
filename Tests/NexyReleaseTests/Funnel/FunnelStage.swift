import Foundation
import NexyCore
import NexyRelease
import NexyTestSupport
import NexyUpdates
import Synchronization

/// A release day in one folder: an inbox, a store that is a folder, the manifests, and a web that reads them.
final class FunnelStage: Sendable {
  static let updatesURL = "http://localhost:8081"

  let folder: TestFolder
  let lines = Notes<String>()
  let options: ReleaseOptions
  let key: SparklePrivateKey?
  /// Breaks the store or the web off at the n-th of their operations, counted from 1.
  let fuse = Fuse()

  init(key: SparklePrivateKey? = nil, kept: Int = 3, namesContent: Bool = true) throws {
    folder = try TestFolder()
    self.key = key
    let shelves = { (dmg: String, pkg: String) in
      ReleaseOptions.Shelves(dmgTag: dmg, pkgTag: pkg, updatesURL: Self.updatesURL)
    }
    options = ReleaseOptions(
      inbox: folder.path("inbox"), stateFolder: folder.path("state"), manifests: folder.path("manifests"),
      rules: ManifestRules(allowedHosts: ["localhost:8081"]), stable: shelves("Update", "App"),
      beta: shelves("UpdateBeta", "AppBeta"), namesContent: namesContent, publicKey: key?.publicKey,
      keptReleases: kept)
  }

  /// A stage of its own that looks as another does now.
  func copy() throws -> FunnelStage {
    let copy = try FunnelStage(key: key, kept: options.keptReleases, namesContent: options.namesContent)
    for name in folder.names {
      try FileManager.default.copyItem(atPath: folder.path(name), toPath: copy.folder.path(name))
    }
    return copy
  }

  var downloads: String { folder.path("downloads") }

  var store: DirectoryStore {
    let tags = [options.stable, options.beta].flatMap(\.tags)
    return DirectoryStore(
      folder: downloads, updatesURLs: Dictionary(uniqueKeysWithValues: tags.map { ($0, Self.updatesURL) }))
  }

  var room: ReleaseRoom {
    ReleaseRoom(
      options: options, store: FusedStore(store: store, fuse: fuse),
      web: FolderWeb(folder: downloads, options: options, fuse: fuse),
      voice: ReleaseVoice(say: { [lines] in lines.add($0) }, progress: { _ in { _, _ in } }),
      signatures: ReleaseSignatures(
        sign: { [key] path in try key.map { try ArtifactSignature.signing(path, with: $0).base64 } },
        isValid: { [key] path, text in
          guard let key else { return nil }
          return try ArtifactSignature(base64: text)?.isValid(for: path, by: key.publicKey) ?? false
        }))
  }

  /// Puts a release into the inbox of beta.
  func fill(_ version: String, roles: [ReleaseFile.Role] = [.dmg, .pkg], notes: String = "# News\n") throws {
    try? FileManager.default.removeItem(atPath: options.inbox)
    let inbox = "\(options.inbox)/beta"
    try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
    for role in roles {
      let seed = UInt64(version.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) &+ (role == .pkg ? 7 : 0)
      try Data(noise(40_000, seed: seed)).write(to: URL(filePath: "\(inbox)/\(role.fileName)"))
    }
    try Data(notes.utf8).write(to: URL(filePath: "\(inbox)/LATEST_CHANGES.md"))
    try Data("\(version)\n".utf8).write(to: URL(filePath: "\(inbox)/VERSION"))
  }

  // MARK: - What an operator does

  @discardableResult
  func publish(_ request: PublishRequest = PublishRequest(channel: .beta)) async throws -> Funnel.Decision {
    try await Funnel(room, .publish, to: .beta).run { [room] in
      .carryOut(try await PublishPlanning(room, inspect: { _, _ in .unknown("a test") }).plan(request))
    }
  }

  @discardableResult
  func promote(_ reason: String? = "a test") async throws -> Funnel.Decision {
    try await Funnel(room, .promote, to: .stable).run { [room] in
      try await PromotePlanning(room).decide(from: .beta, to: .stable, overrideReason: reason)
    }
  }

  @discardableResult
  func rollback(_ channel: Channel, to version: String) async throws -> Funnel.Decision {
    try await Funnel(room, .rollback, to: channel).run { [room] in
      try await RollbackPlanning(room, inspect: { _, _ in .unknown("a test") }).decide(channel, to: version)
    }
  }

  // MARK: - What a client sees

  /// Why a client that reads a channel now would be wronged; nil when all agrees.
  func disagreement(_ channel: Channel) async throws -> String? {
    guard let manifest = try room.standing(channel) else { return nil }
    let name = manifest.artifact.url.split(separator: "/").last.map(String.init) ?? ""
    guard let digest = try? await FileDigest.of("\(downloads)/\(name)") else { return "\(name) is not there" }
    guard digest == FileDigest(size: manifest.artifact.size, sha256: manifest.artifact.sha256) else {
      return "\(name) is not what the manifest says"
    }
    return nil
  }

  /// What a channel has.
  func version(_ channel: Channel) throws -> String? { try room.standing(channel)?.version.text }

  /// The files of a shelf by their names.
  func shelf(_ tag: String) async throws -> [String] { try await store.assets(of: tag).map(\.name).sorted() }
}

/// Burns down with every operation; then everything breaks off, as when a process is killed.
final class Fuse: Sendable {
  struct Broken: Error {}

  private let left = Mutex<Int?>(nil)

  /// Breaks off at the n-th operation from now on, counted from 1; nil never.
  func set(_ count: Int?) { left.withLock { $0 = count } }

  func burn() throws {
    try left.withLock { left in
      guard let count = left else { return }
      guard count > 1 else { throw Broken() }
      left = count - 1
    }
  }
}

/// A store whose operations break off before or after they are done.
private struct FusedStore: ReleaseStore {
  let store: DirectoryStore
  let fuse: Fuse

  var name: String { store.name }

  func problems(tags: [String]) async throws -> [Finding] { try await store.problems(tags: tags) }
  func assets(of tag: String) async throws -> [StoreAsset] { try await store.assets(of: tag) }
  func address(tag: String, name: String) -> String { store.address(tag: tag, name: name) }

  func upload(
    _ path: String, digest: FileDigest, as name: String, to tag: String, progress: @escaping TransferProgress
  ) async throws -> StoreAsset {
    try await fused { try await store.upload(path, digest: digest, as: name, to: tag, progress: progress) }
  }

  func swap(_ asset: StoreAsset, into name: String) async throws -> StoreAsset {
    try await fused { try await store.swap(asset, into: name) }
  }

  func delete(_ asset: StoreAsset) async throws { try await fused { try await store.delete(asset) } }

  func digest(of asset: StoreAsset, progress: @escaping TransferProgress) async throws -> FileDigest {
    try await fused { try await store.digest(of: asset, progress: progress) }
  }

  func fetch(_ asset: StoreAsset, to path: String, progress: @escaping TransferProgress) async throws -> FileDigest {
    try await fused { try await store.fetch(asset, to: path, progress: progress) }
  }

  private func fused<Value>(_ work: () async throws -> Value) async throws -> Value {
    try fuse.burn()
    let value = try await work()
    try fuse.burn()
    return value
  }
}

/// The update server of the folder, as far as downloads go.
private struct FolderWeb: ReleaseWeb {
  let folder: String
  let options: ReleaseOptions
  let fuse: Fuse

  func get(_ url: String, limit: Int) async throws -> WebAnswer {
    try fuse.burn()
    guard let channel = Channel.allCases.first(where: { url.hasSuffix($0.feedName) }),
      let bytes = FileManager.default.contents(atPath: "\(options.manifests)/\(channel.manifestName)"),
      let manifest = Manifest.reading([UInt8](bytes), rules: options.rules).manifest
    else { return Self.answer(404) }
    return WebAnswer(status: 200, headers: [:], body: Appcast.bytes(for: manifest), duration: .zero)
  }

  func fetch(
    _ url: String, to path: String, limit: Int64, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?) {
    (Self.answer(404), nil)
  }

  func digest(
    of url: String, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?) {
    try fuse.burn()
    let name = url.split(separator: "/").last.map(String.init) ?? ""
    guard let digest = try? await FileDigest.of("\(folder)/\(name)") else { return (Self.answer(404), nil) }
    return (Self.answer(200), digest)
  }

  private static func answer(_ status: Int) -> WebAnswer {
    WebAnswer(status: status, headers: [:], body: [], duration: .zero)
  }
}
