import NexyCore
import NexyUpdates

/// What lies ready for a channel: artifacts, notes, and what its operator says of them.
package struct ReleaseInbox: Sendable {
  private static let longestNotes = 1 << 20
  private static let longestLine = 4096

  package let folder: String

  package init(folder: String) { self.folder = folder }

  package func path(_ role: ReleaseFile.Role) -> String { "\(folder)/\(role.fileName)" }

  /// The files that are there, with their digests; the signatures that lie beside them are read as they are.
  ///
  /// What is wrong with them is told, and what is right is returned all the same.
  package func files() async throws -> (files: [ReleaseFile], findings: [Finding]) {
    var (files, findings): ([ReleaseFile], [Finding]) = ([], [])
    for role in ReleaseFile.Role.allCases {
      guard let kind = FileKind(path(role)) else { continue }
      guard case .file(let size) = kind, size > 0 else {
        findings.append(
          refusal("inbox-empty", role.fileName, "\(path(role)) \(kind.words).", "Put the whole file there."))
        continue
      }
      let digest = try await FileDigest.of(path(role))
      files.append(
        ReleaseFile(role: role, size: digest.size, sha256: digest.sha256, signature: try signature(of: role)))
    }
    if !files.contains(where: { $0.role != .notes }), findings.isEmpty {
      findings.append(
        refusal(
          "inbox-artifact", folder, "There is neither \(path(.dmg)) nor \(path(.pkg)).", "Put the artifact there."))
    }
    if files.contains(where: { $0.role == .notes }), try notes()?.trimmed.isEmpty == true {
      findings.append(
        refusal("inbox-notes", path(.notes), "It says nothing.", "Write there what is new, in Markdown."))
    }
    if FileKind(path(.notes)) == nil {
      findings.append(
        refusal("inbox-notes", folder, "There is no \(path(.notes)).", "Write there what is new, in Markdown."))
    }
    return (files, findings)
  }

  /// The version that the operator declared; nil where nobody did.
  package func version() throws -> String? {
    guard let bytes = try SmallText.read("\(folder)/VERSION", limit: Self.longestLine) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    return text.isEmpty ? nil : text
  }

  /// The release notes, in Markdown.
  package func notes() throws -> String? {
    guard let bytes = try SmallText.read(path(.notes), limit: Self.longestNotes) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw NexyError(.inboxUnreadable, "\(path(.notes)) is no UTF-8. Save it as UTF-8.")
    }
    return text
  }

  private func signature(of role: ReleaseFile.Role) throws -> String? {
    try SmallText.read("\(path(role)).ed25519", limit: Self.longestLine)
      .map { String(decoding: $0, as: UTF8.self).trimmed }
  }

  private func refusal(_ rule: String, _ place: String, _ message: String, _ remedy: String) -> Finding {
    Finding(.rejected, rule, at: place, message, remedy: remedy)
  }
}
