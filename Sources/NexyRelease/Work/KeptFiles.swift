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
  func keep(_ file: ReleaseFile, from source: String) async throws {
    try await keep(file) { target in
      do { try FileManager.default.copyItem(atPath: source, toPath: target) } catch {
        throw NexyError(.fileNotWritten, "\(source) could not be copied to \(target). Check the disk.", cause: error)
      }
    }
  }

  /// Takes what `fetch` writes to a path, unless the bytes are here.
  /// - Throws: as `keep(_:from:)`, and what `fetch` throws.
  func keep(_ file: ReleaseFile, fetching fetch: (_ path: String) async throws -> Void) async throws {
    if holds(file), try await FileDigest.of(path(file)) == file.digest { return }
    let temporary = "\(folder)/\(file.sha256).part"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try? FileManager.default.removeItem(atPath: temporary)
    } catch {
      throw NexyError(.fileNotWritten, "\(folder) could not be made. Check its parent.", cause: error)
    }
    defer { unlink(temporary) }
    try await fetch(temporary)
    guard try await FileDigest.of(temporary) == file.digest else {
      throw NexyError(.fileChanged, "\(file.role.fileName) is not what it was a moment ago. Run the command again.")
    }
    guard rename(temporary, path(file)) == 0 else {
      throw NexyError(.fileNotWritten, "\(path(file)) could not be written: \(String(cString: strerror(errno))).")
    }
  }

  /// Takes away all bytes but these.
  func prune(keeping checksums: Set<String>) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !checksums.contains(name) {
      unlink("\(folder)/\(name)")
    }
  }
}
