import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

/// The stores that must behave alike.
enum StoreKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case directory
  case gitHub

  var testDescription: String { rawValue }

  /// Runs a body with an empty store with the tags `Update` and `App`, and a folder for local files.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable (any ReleaseStore, TestFolder) async throws -> Result
  ) async throws -> Result {
    switch self {
    case .directory:
      let (shelves, local) = (try TestFolder(), try TestFolder())
      let store = DirectoryStore(
        folder: shelves.path("downloads"),
        updatesURLs: ["Update": "http://localhost:8081", "App": "http://localhost:8081/"])
      return try await body(store, local)
    case .gitHub:
      return try await GitHubStage.run { stage in try await body(stage.store, stage.folder) }
    }
  }
}

extension ReleaseStore {
  /// Uploads bytes as a file.
  @discardableResult
  func upload(_ bytes: [UInt8], as name: String, to tag: String = "Update", in folder: TestFolder) async throws
    -> StoreAsset
  {
    let file = try await folder.write("source", bytes)
    return try await upload(file.path, digest: file.digest, as: name, to: tag) { _, _ in }
  }

  /// The names of a shelf, in order.
  func names(of tag: String = "Update") async throws -> [String] { try await assets(of: tag).map(\.name).sorted() }

  /// What a shelf's file of this name is; nil when there is none.
  func standing(_ name: String, of tag: String = "Update") async throws -> FileDigest? {
    guard let asset = try await assets(of: tag).first(where: { $0.name == name }) else { return nil }
    return try await digest(of: asset) { _, _ in }
  }
}
