import AsyncHTTPClient
import Crypto
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyUpdates

@testable import NexyRelease

/// A store on a fake of GitHub. Waits are over at once; nothing is ever silent for long, unless a test moves its clock.
struct GitHubStage: Sendable {
  static let now: Int64 = 1_770_000_000

  let gitHub: FakeGitHub
  let server: LoopbackServer
  let store: GitHubStore
  let folder: TestFolder
  /// What the operator was told: whole seconds, rounded, and why.
  let waits: Notes<String>
  /// What silence is measured by.
  let silence: VirtualClock

  static func run<Result: Sendable>(
    patience: Duration = .seconds(900), token: String = FakeGitHub.token,
    _ body: @escaping @Sendable (GitHubStage) async throws -> Result
  ) async throws -> Result {
    let (gitHub, waits, silence) = (FakeGitHub(), Notes<String>(), VirtualClock())
    let folder = try TestFolder()
    return try await LoopbackServer.run(course: gitHub.course, serve: gitHub.serve) { server, client in
      gitHub.begin(at: server.url, other: server.otherURL)
      let patience = GitHubPatience(limit: patience, clock: InstantClock(), wallTime: { now }, jitter: { 1 }) {
        waits.add("\($0.components.seconds) s: \($1)")
      }
      let store = try GitHubStore(
        repository: FakeGitHub.repository, api: server.url + "/", web: "https://github.example", client: client,
        token: { token }, patience: patience, clock: silence)
      return try await body(
        GitHubStage(gitHub: gitHub, server: server, store: store, folder: folder, waits: waits, silence: silence))
    }
  }

  /// How many requests of a kind came.
  func count(_ method: HTTPMethod, _ path: String = "") -> Int {
    server.requests.count { $0.method == method && $0.uri.contains(path) }
  }

  /// Uploads bytes as a file.
  @discardableResult
  func upload(_ bytes: [UInt8], as name: String, to tag: String = "Update") async throws -> StoreAsset {
    let file = try await folder.write("source", bytes)
    return try await store.upload(file.path, digest: file.digest, as: name, to: tag) { _, _ in }
  }

  /// An asset that was put on the shelf by hand, as the store lists it.
  func asset(_ name: String, of tag: String = "Update") async throws -> StoreAsset? {
    try await store.assets(of: tag).first { $0.name == name }
  }
}

extension LoopbackServer.Course {
  static func failing(_ status: Int = 500) -> Self { .answered(FakeGitHub.json(status, ["message": "Server Error"])) }

  static func refusing(_ status: Int, _ message: String, _ headers: [(String, String)] = []) -> Self {
    .answered(FakeGitHub.json(status, ["message": message], headers))
  }
}

func sha256(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

/// The code of the error that a piece of work ends with; nil when it goes well.
func code(_ work: () async throws -> Void) async throws -> NexyError.Code? {
  try await failure(work)?.code
}

/// The error that a piece of work ends with; nil when it goes well.
func failure(_ work: () async throws -> Void) async throws -> NexyError? {
  do {
    try await work()
    return nil
  } catch let error as NexyError { return error }
}
