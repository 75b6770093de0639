import AsyncHTTPClient
import Foundation
import NexyConfig
import NexyCore
import NexyRelease
import NexyUpdates

/// Joins settings, store, web and terminal into the release room.
struct ReleaseAssembly: Sendable {
  let settings: Settings
  /// Whoever only looks does not wait for a store that is away.
  var isPatient = true
  /// Where lines go that tell what is done.
  let say: @Sendable (String) -> Void

  /// The room while `body` runs.
  func withRoom<Value: Sendable>(
    _ body: (ReleaseRoom, @escaping ArtifactInspection) async throws -> Value
  ) async throws -> Value {
    try await HTTPClient.withHTTPClient(configuration: .release()) { client in
      let options = try options()
      let store = try store(client)
      let display = TransferDisplay()
      let room = ReleaseRoom(
        options: options, store: store, web: HTTPWeb(client: client),
        voice: ReleaseVoice(say: say, progress: { name in display.progress(name) }),
        signatures: SignatureProcess(keyFile: options.keyFile, publicKey: settings.updates.publicKey).signatures)
      return try await body(room, { try await ArtifactVersion.read($0, named: $1.fileName) })
    }
  }

  private func options() throws -> ReleaseOptions {
    let release = settings.release
    func shelves(_ shelves: Settings.Release.Shelves) -> ReleaseOptions.Shelves {
      ReleaseOptions.Shelves(dmgTag: shelves.dmgTag, pkgTag: shelves.pkgTag, updatesURL: shelves.updatesURL)
    }
    return ReleaseOptions(
      inbox: release.inbox, stateFolder: release.stateFolder, manifests: settings.updates.manifests,
      rules: UpdateAssembly.rules(settings), stable: shelves(release.stable), beta: shelves(release.beta),
      namesContent: release.address == .content,
      publicKey: try settings.updates.publicKey.map(SparklePublicKey.init), keyFile: release.keyFile,
      receiptHours: release.receiptHours, keptReleases: release.keptReleases, feedLife: release.feedLife,
      secrets: secrets)
  }

  /// What must never be pushed, whatever it looks like.
  private var secrets: [[UInt8]] {
    let seed = release.keyFile.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    return (settings.secrets + [seed].compactMap(\.self)).map { Array($0.trimmed.utf8) }
  }

  private var release: Settings.Release { settings.release }

  private func store(_ client: HTTPClient) throws -> any ReleaseStore {
    switch release.store {
    case .directory:
      let tags = [release.stable, release.beta].flatMap { shelves in
        [(shelves.dmgTag, shelves.updatesURL), (shelves.pkgTag, shelves.updatesURL)]
      }
      return DirectoryStore(
        folder: settings.updates.downloads, updatesURLs: Dictionary(tags, uniquingKeysWith: { first, _ in first }))
    case .github:
      let token = GitHubToken(configured: release.gitHubToken)
      return try GitHubStore(
        repository: release.repository, api: release.gitHubAPI, web: release.gitHubWeb, client: client,
        token: { try await token.value() },
        patience: GitHubPatience(
          limit: isPatient ? release.patience : .zero, retries: isPatient ? 4 : 0,
          onWait: { wait, reason in
            Terminal.error("Waiting \(wait.components.seconds) s for GitHub: \(reason)".printable)
          }))
    }
  }
}
