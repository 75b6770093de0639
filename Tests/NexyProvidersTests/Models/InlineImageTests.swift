import Foundation
import NexyVoice
import Testing

@testable import NexyProviders

@Suite struct InlineImageTests {
  static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
  static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46]
  static let webP = Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)

  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  @Test(arguments: [(png, "image/png"), (jpeg, "image/jpeg"), (webP, "image/webp")])
  func `the bytes tell the type`(_ bytes: [UInt8], _ type: String) {
    for more in 0..<4 {
      let base64 = Self.base64(bytes + [UInt8](repeating: 7, count: more))
      let image = InlineImage(Screenshot(base64: base64))
      #expect(image?.mediaType == type)
      #expect(image?.base64 == base64)
      // Padding that was left out is added: Ollama takes none without.
      let bare = String(base64.prefix { $0 != "=" })
      #expect(InlineImage(Screenshot(base64: bare))?.base64 == base64)
    }
  }

  static let noImages = [
    "", "====", "AAAA", base64(Array("GIF89a".utf8)), base64(Array("\0\0\0\u{18}ftypheic".utf8)),
    base64(Array("RIFF1234WAVE".utf8)), base64(png) + "A", base64(png) + "\n", base64(png) + "=", " " + base64(png),
    base64(png) + "ёё", "data:image/png;base64," + base64(png), String(base64(png).dropLast(8)) + "-_AA",
    base64(png) + "AA=A",
  ]

  @Test(arguments: noImages) func `what is no image is none`(_ base64: String) {
    #expect(InlineImage(Screenshot(base64: base64)) == nil)
  }
}
