import NexyCore
import NexyUpdates

/// Gives the artifacts of a release their signatures, or makes sure of those that came with them.
struct ReleaseSigning: Sendable {
  let keyFile: String?
  let publicKey: SparklePublicKey?
  let signatures: ReleaseSignatures

  /// A signature is of these bytes, or there is none; an old one never goes with new bytes.
  func signed(
    _ files: [ReleaseFile], in inbox: ReleaseInbox
  ) async throws -> (files: [ReleaseFile], findings: [Finding]) {
    let key = try keyFile.map(PrivateKeyFile.read)
    if let key, let publicKey, key.publicKey != publicKey {
      return (
        files,
        [
          refusal(
            "signing-key", keyFile ?? "", "The key that signs is not the one that UPDATE_PUBLIC_KEY checks with.",
            "Sign with the key that clients know, or change keys as docs/releasing.md tells.")
        ]
      )
    }
    var (signed, findings): ([ReleaseFile], [Finding]) = ([], [])
    for var file in files {
      if file.role != .notes {
        if let made = try await signatures.sign(inbox.path(file.role)) { file.signature = made }
        if let problem = try await problem(file, in: inbox) { findings.append(problem) }
      }
      signed.append(file)
    }
    return (signed, findings)
  }

  /// Signatures that are not of the bytes that are kept, or of another key than clients know now.
  static func stale(_ files: [ReleaseFile], in room: ReleaseRoom) async throws -> [Finding] {
    var findings: [Finding] = []
    for file in files where room.kept.holds(file) {
      guard let signature = file.signature,
        try await room.signatures.isValid(room.kept.path(file), signature) == false
      else { continue }
      findings.append(
        Finding(
          .rejected, "signature-stale", at: file.role.fileName,
          "The signature is not of these bytes, or of another key.",
          remedy: "Publish it again, signed with the key that clients know."))
    }
    return findings
  }

  private func problem(_ file: ReleaseFile, in inbox: ReleaseInbox) async throws -> Finding? {
    let name = file.role.fileName
    guard let text = file.signature else {
      guard publicKey != nil else { return nil }
      return refusal(
        "signature-missing", name, "It is not signed, and clients check with UPDATE_PUBLIC_KEY.",
        "Set RELEASE_KEY_FILE, or put the signature into \(inbox.path(file.role)).ed25519.")
    }
    guard ArtifactSignature(base64: text) != nil else {
      return refusal(
        "signature-form", name, "\(inbox.path(file.role)).ed25519 is no base64 of 64 bytes.",
        "Write there what `nexy updates sign` or Sparkle's `sign_update` prints.")
    }
    guard try await signatures.isValid(inbox.path(file.role), text) == false else { return nil }
    return refusal(
      "signature-stale", name, "The signature is not of these bytes, or of another key.", "Sign the file as it is now.")
  }

  private func refusal(_ rule: String, _ place: String, _ message: String, _ remedy: String) -> Finding {
    Finding(.rejected, rule, at: place, message, remedy: remedy)
  }
}
