import Foundation
import NexyCore

/// A feed's own signature: a comment at its end that Sparkle 2.9 looks for (`SPUExtractSignedFeed.m`).
///
/// The signed bytes are all those before the last marker. This type tells its shape; it verifies nothing.
package struct FeedTrailer: Sendable, Equatable {
  /// How many bytes stand before the marker.
  package var signedBytes: Int
  /// Base64 of an Ed25519 signature, as it is written.
  package var signature: String?
  /// How many bytes the publisher says that were signed, as it is written.
  package var length: String?
  /// Whether a line break follows the marker, without which Sparkle does not see it.
  package var isOnLinesOfItsOwn: Bool
  /// Whether anything but blanks follows the comment.
  package var isFollowed: Bool

  private static let marker = Array("<!-- sparkle-signatures:".utf8)

  /// - Returns: nil for a feed without the marker.
  package init?(of feed: [UInt8]) {
    guard let start = Self.lastMarker(in: feed) else { return nil }
    signedBytes = start
    let body = feed[(start + Self.marker.count)...]
    isOnLinesOfItsOwn = body.first == UInt8(ascii: "\n")
    let end = body.firstRange(of: Array("-->".utf8))?.lowerBound ?? body.endIndex
    for line in body[..<end].split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      let line = String(decoding: line, as: UTF8.self)
      if line.hasPrefix("edSignature:") { signature = String(line.dropFirst("edSignature:".count)).trimmed }
      if line.hasPrefix("length:") { length = String(line.dropFirst("length:".count)).trimmed }
    }
    isFollowed = body[end...].dropFirst(3).contains { !" \t\r\n".utf8.contains($0) }
  }

  private static func lastMarker(in feed: [UInt8]) -> Int? {
    Data(feed).range(of: Data(marker), options: .backwards)?.lowerBound
  }
}

/// The shape of an Ed25519 signature as Sparkle writes it.
enum SignatureShape {
  /// Whether it is base64 of 64 bytes.
  static func isSignature(_ text: String) -> Bool { Data(base64Encoded: text)?.count == 64 }
}
