import Foundation
import NexyCore
import NexyUpdates

/// The receipts of validations in the state folder: one file for each release that was ever validated.
package struct ReceiptFolder: Sendable {
  /// How long a publication that goes on is waited for.
  private static let patience = Duration.seconds(10)

  /// The release room's own folder (`RELEASE_STATE_DIR`).
  package let state: String

  package init(state: String) { self.state = state }

  /// `<state>/receipts/<channel>-<version>-<first 12 of sha256>.json`.
  package func path(of manifest: Manifest, on channel: Channel) -> String {
    path(channel.rawValue, manifest.version.text, manifest.artifact.sha256)
  }

  private func path(_ channel: String, _ version: String, _ sha256: String) -> String {
    "\(state)/receipts/\(channel)-\(version)-\(sha256.prefix(12)).json"
  }

  /// What stands there of a release.
  package func reading(of manifest: Manifest, on channel: Channel) -> ReceiptReading {
    do {
      guard let receipt = try WorkFile.read(ValidationReceipt.self, from: path(of: manifest, on: channel)) else {
        return .missing
      }
      return .found(receipt)
    } catch { return .unreadable((error as? NexyError)?.message ?? "\(error)") }
  }

  /// Keeps a receipt, in the place of an older one of the same release; nobody publishes meanwhile.
  /// - Returns: its path.
  /// - Throws: `NexyError` with code `fileNotWritten` or one of `FileLease`.
  package func keep(
    _ receipt: ValidationReceipt, of manifest: Manifest, on channel: Channel,
    in surroundings: LeaseSurroundings = .system
  ) async throws -> String {
    let path = path(of: manifest, on: channel)
    do {
      try FileManager.default.createDirectory(atPath: "\(state)/receipts", withIntermediateDirectories: true)
    } catch {
      throw NexyError(
        .fileNotWritten, "\(state)/receipts could not be made. Check RELEASE_STATE_DIR and who may write there.",
        cause: error)
    }
    try await FileLease.withLease(
      at: "\(state)/release.lock", owner: "nexy release validate", waitingAtMost: Self.patience, in: surroundings
    ) { lease in
      try lease.confirm()
      try WorkFile.write(receipt, to: path)
    }
    return path
  }
}

/// A receipt as it was found.
package enum ReceiptReading: Sendable {
  case missing
  case unreadable(String)
  case found(ValidationReceipt)
}
