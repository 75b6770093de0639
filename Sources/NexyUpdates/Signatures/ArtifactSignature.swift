import NexyCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An Ed25519 signature over a file's bytes as they are, and over nothing else: neither version, URL nor channel
/// (`sparkle:edSignature`, https://sparkle-project.org/documentation/publishing/).
package struct ArtifactSignature: Sendable, Equatable {
  /// Ed25519 reads its message as a whole, and twice to sign it. The file is mapped, so its size costs addresses and no
  /// memory; 2 GiB is seven times what the client weighs.
  package static let largest: Int64 = 2 << 30
  private static let length = 64

  package let bytes: [UInt8]

  /// - Returns: nil unless it is 64 bytes.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.length else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil unless it is base64 of 64 bytes, spelled as every encoder spells it.
  package init?(base64 text: String) {
    guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
    self.init(bytes: [UInt8](data))
  }

  package var base64: String { Data(bytes).base64EncodedString() }

  /// Signs a file.
  /// - Throws: `NexyError` with code `fileNotRead`, `fileTooLarge`, `fileChanged` or `signingKeyUnusable`.
  package static func signing(_ path: String, with key: SparklePrivateKey) throws -> Self {
    try LocalFile.with(path) { file in
      try whole(file) { bytes in
        guard let signature = Self(bytes: try key.signature(of: bytes)) else {
          throw NexyError(.signingKeyUnusable, "The key made no Ed25519 signature. Make a new key.")
        }
        return signature
      }
    }
  }

  /// Whether a file is the one that was signed.
  /// - Throws: `NexyError` with code `fileNotRead`, `fileTooLarge` or `fileChanged`.
  package func isValid(for path: String, by key: SparklePublicKey) throws -> Bool {
    try LocalFile.with(path) { file in try isValid(for: file, by: key) }
  }

  func isValid(for file: LocalFile, by key: SparklePublicKey) throws -> Bool {
    try Self.whole(file) { bytes in key.isValid(self, for: bytes) }
  }

  /// swift-crypto copies what is not in one piece; a mapped file is.
  private static func whole<Value>(_ file: LocalFile, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value
  {
    let before = try file.stamp()
    // Sparkle refuses an empty archive (SUSignatureVerifier.m).
    guard before.size > 0 else {
      throw NexyError(.fileNotRead, "\(file.path) is empty. Give the artifact itself.")
    }
    guard before.size <= largest else { throw FileDigest.tooLarge(file.path, largest) }
    let value = try file.mapped(before.size, body)
    guard try file.stamp().hasBytes(of: before) else {
      throw NexyError(.fileChanged, "\(file.path) was changed while it was read. Try again when it is complete.")
    }
    return value
  }
}
