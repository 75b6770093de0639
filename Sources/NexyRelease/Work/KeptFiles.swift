import Foundation
import NexyCore
import NexyUpdates

/// The bytes of releases by their checksum: what is uploaded comes from here, and what is rolled back to.
package struct KeptFiles: Sendable {
  let folder: String

  package init(stateFolder: String) { folder = "\(stateFolder)/kept" }

  package func path(_ file: ReleaseFile) -> String { "\(folder)/\(file.sha256)" }

  /// Whether the bytes are here, by their size; whoever uploads them reads them again.
  package func holds(_ file: ReleaseFile) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path(file))
    return attributes?[.size] as? Int64 == file.size
  }

  /// Copies a local file, unless its bytes are here.
  /// - Throws: `NexyError` with code `fileChanged` when it is not what it was, or `fileNotWritten`.
  func keep(_ file: ReleaseFile, from source: String, progress: TransferProgress) async throws {
    if try await isWhole(file) { return }
    try Folder.make(folder)
    try await PartFile.fill(path(file), isReplacing: true) { part in
      let copied = try await LocalFile.with(source) { try await $0.digest(progress: progress) { try part.append($0) } }
      guard copied == file.digest else { throw Self.changed(source) }
    }
  }

  /// Takes what `fetch` writes to a path, unless the bytes are here.
  /// - Throws: `NexyError` with code `fileChanged`; what `fetch` throws.
  func keep(_ file: ReleaseFile, fetching fetch: (_ path: String) async throws -> FileDigest) async throws {
    if try await isWhole(file) { return }
    try Folder.make(folder)
    guard try await fetch(path(file)) == file.digest else {
      unlink(path(file))
      throw Self.changed(file.role.fileName)
    }
  }

  private func isWhole(_ file: ReleaseFile) async throws -> Bool {
    guard holds(file) else { return false }
    return try await FileDigest.of(path(file)) == file.digest
  }

  private static func changed(_ name: String) -> NexyError {
    NexyError(.fileChanged, "\(name) is not what it was a moment ago. Run the command again.")
  }

  /// Takes away all bytes but these.
  func prune(keeping checksums: Set<String>) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !checksums.contains(name) {
      unlink("\(folder)/\(name)")
    }
  }
}
