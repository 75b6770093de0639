import Foundation

/// A folder that is there for as long as a check runs.
enum ScratchFolder {
  /// - Throws: What the system says when there is no room; what `body` throws.
  static func with<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-chaos-\(UUID().uuidString.lowercased())")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }
}
