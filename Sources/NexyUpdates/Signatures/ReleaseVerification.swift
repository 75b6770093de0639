import NexyCore

/// Whether a file is what a manifest says: the check before publishing, where wrong software is still nobody's update.
package enum ReleaseVerification {
  /// - Parameters:
  ///   - publicKey: the clients' key; with it, an unsigned artifact is refused too, or who changes an artifact would
  ///     only have to take its signature away. Without it, no signature is checked.
  /// - Returns: everything that does not agree; nothing when all does.
  /// - Throws: `CancellationError`.
  package static func verify(
    artifactPath path: String, manifest: Manifest, publicKey: SparklePublicKey?
  ) async throws -> [Finding] {
    do {
      return try await LocalFile.with(path) { file in
        let digest = try await FileDigest.of(file)
        return name(path, manifest) + bytes(digest, manifest)
          + (try signature(file, manifest.artifact, publicKey: publicKey))
      }
    } catch let error as NexyError {
      return [
        Finding(.rejected, "artifact-file", at: "artifact", error.message, remedy: "Give the file that is published.")
      ]
    }
  }

  private static func name(_ path: String, _ manifest: Manifest) -> [Finding] {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let (kind, published) = (manifest.artifact.kind.rawValue, manifest.artifact.fileName)
    if !name.lowercased().hasSuffix(".\(kind)") {
      return [
        Finding(
          .rejected, "artifact-type", at: "artifact.type", "The manifest says \(kind) and the file is \(name).",
          remedy: "Give the \(kind), or set the URL of the other file.")
      ]
    }
    guard name != published else { return [] }
    return [
      Finding(
        .misread, "artifact-name", at: "artifact.url", "The file is \(name) and clients will get \(published).",
        remedy: "Make sure that it is the same file.")
    ]
  }

  private static func bytes(_ digest: FileDigest, _ manifest: Manifest) -> [Finding] {
    var findings: [Finding] = []
    if digest.size != manifest.artifact.size {
      findings.append(
        Finding(
          .rejected, "artifact-size", at: "artifact.size",
          "The file has \(digest.size) bytes and the manifest says \(manifest.artifact.size).",
          remedy: "Publish the file that the manifest is of, or set its size and checksum."))
    }
    if digest.sha256 != manifest.artifact.sha256.lowercased() {
      findings.append(
        Finding(
          .rejected, "artifact-sha256", at: "artifact.sha256",
          "The file's checksum is \(digest.sha256) and the manifest says \(manifest.artifact.sha256).",
          remedy: "Publish the file that the manifest is of, or set its size and checksum."))
    }
    return findings
  }

  private static func signature(
    _ file: LocalFile, _ artifact: Manifest.Artifact, publicKey: SparklePublicKey?
  ) throws -> [Finding] {
    guard let text = artifact.signature else {
      return [
        Finding(
          publicKey == nil ? .ignored : .rejected, "artifact-unsigned", at: "artifact.ed25519",
          "The artifact is not signed; clients with Sparkle refuse it.", remedy: "Sign it with `nexy updates sign`.")
      ]
    }
    guard let publicKey else {
      return [
        Finding(
          .ignored, "signature-unchecked", at: "artifact.ed25519",
          "No public key was given to check the signature with.",
          remedy: "Give --public-key, or set UPDATE_PUBLIC_KEY.")
      ]
    }
    guard let signature = ArtifactSignature(base64: text), try signature.isValid(for: file, by: publicKey) else {
      return [
        Finding(
          .rejected, "artifact-signature", at: "artifact.ed25519",
          "The signature is not one of this file by this key.",
          remedy: "Sign the file that is published, with the key whose public half the clients have.")
      ]
    }
    return []
  }
}
