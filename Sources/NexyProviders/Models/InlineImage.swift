import NexyVoice

/// A screenshot as a language model takes it: its base64 as the client sent it, and the type that its bytes tell.
struct InlineImage: Sendable, Equatable {
  /// Such as `image/png`.
  let mediaType: String
  /// Base64 with its padding (RFC 4648, section 4, https://www.rfc-editor.org/rfc/rfc4648.html#section-4).
  let base64: String

  /// Nil for what is no base64, and for an image that is neither WebP nor PNG nor JPEG.
  init?(_ screenshot: Screenshot) {
    var base64 = screenshot.base64
    let found = base64.withUTF8 { bytes -> (mediaType: String, missing: Int)? in
      let padding = bytes.suffix(2).count { $0 == UInt8(ascii: "=") }
      let digits = bytes.prefix(bytes.count - padding)
      // What has its padding is a multiple of four; what left it out has it added below.
      guard digits.count % 4 != 1, padding == 0 || bytes.count % 4 == 0,
        let mediaType = Self.mediaType(of: Self.decode(digits.prefix(16))),
        digits.allSatisfy({ Self.values[Int($0)] < 64 })
      else { return nil }
      return (mediaType, padding == 0 ? (4 - digits.count % 4) % 4 : 0)
    }
    guard let found else { return nil }
    mediaType = found.mediaType
    self.base64 = found.missing == 0 ? base64 : base64 + String(repeating: "=", count: found.missing)
  }

  /// Told by the first bytes: PNG (https://www.w3.org/TR/png-3/#5PNG-file-signature), JPEG (ITU-T T.81, annex B) and
  /// WebP (https://developers.google.com/speed/webp/docs/riff_container).
  private static func mediaType(of bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    let isWebP = bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WEBP".utf8)
    return isWebP ? "image/webp" : nil
  }

  private static func decode(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    var bits: UInt32 = 0
    var count = 0
    var bytes: [UInt8] = []
    for digit in digits {
      bits = bits << 6 | UInt32(values[Int(digit)] & 0x3F)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return bytes
  }

  /// The value of each digit of base64; 0xFF for every other byte.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()
}
