import NexyCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A feed with Sparkle's trailer, a comment with the signature of every byte before it:
///
///     <!-- sparkle-signatures:
///     edSignature: BASE64
///     length: BYTES
///     -->
///
/// Format and rules are Sparkle 2.9's: `common_cli/Signing.swift` (`signAppcast`) writes it,
/// `Sparkle/SPUExtractSignedFeed.m` (`SPUExtractAppcastContent`) reads it
/// (https://github.com/sparkle-project/Sparkle): the last `<!-- sparkle-signatures:` with its newline counts; the lines
/// up to the next `-->` are read, the last of each name wins; without a `-->` the feed is unsigned.
package struct SignedFeed: Sendable, Equatable {
  private static let prefix = Array("<!-- sparkle-signatures:\n".utf8)
  private static let suffix = Array("-->".utf8)

  /// What comes of checking a feed.
  package enum Verdict: Sendable, Equatable {
    /// No trailer. A client that demands signed feeds refuses it, every other one takes it.
    case unsigned
    case valid
    /// Sparkle takes it, and yet the trailer is not as Sparkle writes it: somebody changed the feed after signing.
    case altered(String)
    /// Sparkle refuses it.
    case invalid(String)
  }

  /// What is signed: all bytes before the trailer, or all bytes.
  package let content: [UInt8]
  /// As it stands in the trailer.
  package let signatureText: String?
  /// From the trailer's beginning to the feed's end; empty for an unsigned feed.
  private let trailer: [UInt8]
  private let announcedLength: Int64?

  package init(_ bytes: [UInt8]) {
    guard let start = Self.last(Self.prefix, in: bytes),
      let end = Self.first(Self.suffix, in: bytes[(start + Self.prefix.count)...]),
      let block = String(validating: bytes[(start + Self.prefix.count)..<end], as: UTF8.self)
    else {
      (content, trailer, signatureText, announcedLength) = (bytes, [], nil, nil)
      return
    }
    content = Array(bytes[..<start])
    trailer = Array(bytes[start...])
    let lines = block.split(whereSeparator: \.isNewline)
    signatureText = Self.last("edSignature:", in: lines)
    announcedLength = Self.last("length:", in: lines).flatMap { Int64($0) }
  }

  /// The feed, signed; an older trailer is replaced, and the rest stays byte for byte.
  /// - Throws: `NexyError` with code `feedNotSigned` when something stands behind the older trailer (it would be cut
  ///   off); `signingKeyUnusable`.
  package static func signing(_ bytes: [UInt8], with key: SparklePrivateKey) throws -> [UInt8] {
    let feed = SignedFeed(bytes)
    guard feed.endsWithTrailer else {
      throw NexyError(
        .feedNotSigned, "The feed goes on after a signature's comment. Remove that comment, then sign the feed again.")
    }
    let signature = Data(try key.signature(of: feed.content)).base64EncodedString()
    return feed.content + trailer(signature, length: feed.content.count)
  }

  /// Whether the feed is the one that the key's holder signed.
  package func verdict(_ key: SparklePublicKey) -> Verdict {
    guard !trailer.isEmpty else { return .unsigned }
    guard let signatureText, let signature = Data(base64Encoded: signatureText).map(Array.init) else {
      return .invalid("The trailer holds no signature in base64.")
    }
    guard let signature = ArtifactSignature(bytes: signature) else {
      return .invalid("The trailer's signature has not 64 bytes.")
    }
    guard key.isValid(signature, for: content) else {
      return .invalid(
        announcedLength == Int64(content.count)
          ? "The feed's bytes or the key are not those that were signed."
          : "The signature is not that of the \(content.count) bytes before it.")
    }
    guard trailer == Self.trailer(signature.base64, length: content.count) else {
      return .altered("The signature is right, but its comment was changed, or something was put behind it.")
    }
    return .valid
  }

  private var endsWithTrailer: Bool {
    guard let end = Self.first(Self.suffix, in: trailer[...]) else { return true }
    return trailer[(end + Self.suffix.count)...].allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  private static func trailer(_ signature: String, length: Int) -> [UInt8] {
    Array("<!-- sparkle-signatures:\nedSignature: \(signature)\nlength: \(length)\n-->\n".utf8)
  }

  /// The value of the last line that begins with a name.
  private static func last(_ name: String, in lines: [Substring]) -> String? {
    lines.last { $0.hasPrefix(name) }.map { $0.dropFirst(name.count).trimmed }
  }

  private static func first(_ mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.indices.first { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
  }

  private static func last(_ mark: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.indices.last { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
  }
}

extension NexyError.Code {
  /// A feed was not signed.
  package static let feedNotSigned = Self("feed_not_signed")
}
