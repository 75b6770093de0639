import Foundation
import NexyTestSupport
import NexyUpdates

/// A folder that is there for one test.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Every name in the folder, also hidden ones.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: path(name)).map { Array($0) } }

  /// A file, and what it is.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) async throws -> (path: String, digest: FileDigest) {
    try Data(bytes).write(to: URL(filePath: path(name)))
    return (path(name), try await FileDigest.of(path(name)))
  }
}

/// Bytes that repeat nowhere near, the same ones for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = SplitMix64(seed: seed)
  return (0..<(count + 7) / 8).flatMap { _ in
    withUnsafeBytes(of: random.next()) { Array($0) }
  }.prefix(count).map(\.self)
}
