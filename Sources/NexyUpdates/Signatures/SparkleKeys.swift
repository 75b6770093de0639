import Crypto
import NexyCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The key that signs updates, in the text form of Sparkle's `generate_keys -x`: base64 of a seed of 32 bytes.
///
/// Older releases of Sparkle kept 96 bytes instead: the 64 bytes that the seed's SHA-512 was expanded to, and the public key
/// (`common_cli/Secret.swift`, https://github.com/sparkle-project/Sparkle). The seed cannot be had back from them, and
/// Ed25519 as swift-crypto offers it signs with a seed only; such a key is refused, with what to do instead.
///
/// Nothing prints a key: descriptions, dumps and mirrors of it are empty.
package struct SparklePrivateKey: Sendable {
  private static let seedLength = 32
  private static let expandedLength = 96

  private let key: Curve25519.Signing.PrivateKey

  private init(_ key: Curve25519.Signing.PrivateKey) { self.key = key }

  /// - Throws: `NexyError` with code `signingKeyUnusable`; never a word of what was read.
  package init(base64 text: String) throws {
    guard let bytes = Data(base64Encoded: text.trimmed), !bytes.isEmpty else {
      throw Self.unusable("It is no base64. Give the one line that `nexy updates keygen` or `generate_keys -x` wrote.")
    }
    switch bytes.count {
    case Self.seedLength: key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    case Self.expandedLength: throw Self.unusable(Self.expandedRemedy)
    default:
      throw Self.unusable(
        "It holds \(bytes.count) bytes and a key has \(Self.seedLength). "
          + "Give the one line that `nexy updates keygen` or `generate_keys -x` wrote.")
    }
  }

  /// A new key, from the system's source of randomness.
  package static func generate() -> Self { Self(Curve25519.Signing.PrivateKey()) }

  package var publicKey: SparklePublicKey { SparklePublicKey(key.publicKey) }

  /// The 64 bytes of an Ed25519 signature. On Apple's systems they differ from call to call, and all are valid.
  package func signature(of message: some DataProtocol) throws -> [UInt8] {
    do { return [UInt8](try key.signature(for: message)) } catch {
      throw Self.unusable("It did not sign. Make a new one with `nexy updates keygen`.")
    }
  }

  /// The seed, for the key's own file and nothing else.
  var seedText: String { key.rawRepresentation.base64EncodedString() }

  private static let expandedRemedy = """
    It is in Sparkle's older form of 96 bytes, which holds no seed to sign with. \
    Sign with Sparkle's own `sign_update` and give the result as --signature, \
    or change to a new key from `nexy updates keygen` as the release guide's rotation drill tells.
    """

  private static func unusable(_ reason: String) -> NexyError {
    NexyError(.signingKeyUnusable, "The private signing key cannot be used. \(reason)")
  }
}

extension SparklePrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "a private signing key" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The key that clients check updates with: base64 of 32 bytes, `SUPublicEDKey` in the application's `Info.plist`
/// (https://sparkle-project.org/documentation/#3-segue-for-security-concerns).
package struct SparklePublicKey: Sendable, Equatable {
  private let key: Curve25519.Signing.PublicKey

  init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

  /// - Throws: `NexyError` with code `publicKeyUnusable`.
  package init(base64 text: String) throws {
    guard let bytes = Data(base64Encoded: text.trimmed),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else {
      throw NexyError(
        .publicKeyUnusable,
        "The public key cannot be used: it must be base64 of 32 bytes. Give the value of SUPublicEDKey.")
    }
    self.key = key
  }

  /// As it stands in `Info.plist`.
  package var base64: String { key.rawRepresentation.base64EncodedString() }

  /// Whether the signature is this key's, over exactly these bytes.
  package func isValid(_ signature: ArtifactSignature, for message: some DataProtocol) -> Bool {
    key.isValidSignature(signature.bytes, for: message)
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.key.rawRepresentation == other.key.rawRepresentation
  }
}

extension SparklePublicKey: CustomStringConvertible {
  package var description: String { base64 }
}

extension NexyError.Code {
  /// A private key is in a form that cannot sign.
  package static let signingKeyUnusable = Self("signing_key_unusable")
  /// A public key is none.
  package static let publicKeyUnusable = Self("public_key_unusable")
}
