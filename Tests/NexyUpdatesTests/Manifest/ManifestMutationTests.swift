import NexyCore
import NexyUpdates
import Testing

@Suite("A damaged manifest never does harm")
struct ManifestMutationTests {
  /// xorshift64: the same mutations in every run.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private static let words: [[UInt8]] = [
    "null", "true", "0", "-1", "1e9", "1.5", "\"\"", "{}", "[]", ",", ":", "\"", "\\", "\\u0000", "{\"a\":",
    "\"version\"",
    "9223372036854775808", "99999999999999999999", "\u{FEFF}", "\u{202E}", "../", "%2e", "http://", "@", ".0",
  ].map { Array($0.utf8) }

  @Test("10,000 random mutations: each is refused with a finding, or a manifest that keeps the rules", arguments: 0..<4)
  func mutations(seed: Int) {
    var dice = Dice(state: UInt64(seed + 1) &* 0x9E37_79B9_7F4A_7C15)
    let original = Array(ManifestStage.text.utf8)
    var (read, refused) = (0, 0)
    for _ in 0..<2500 {
      let bytes = mutated(original, &dice)
      let (manifest, findings) = Manifest.reading(bytes)
      if let manifest {
        read += 1
        let written = manifest.encoded()
        let again = Manifest.reading(written).manifest
        #expect(again == manifest)
        #expect(manifest.artifact.url.hasPrefix("https://github.com/"))
        #expect((1...(16 << 30)).contains(manifest.artifact.size))
        #expect(manifest.artifact.sha256.utf8.count == 64)
      } else {
        refused += 1
        #expect(findings.contains { $0.effect == .rejected })
      }
    }
    #expect(read > 0)
    #expect(refused > 0)
  }

  private func mutated(_ original: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &dice) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &dice)
      let end = min(bytes.count, place + Int.random(in: 1...12, using: &dice))
      switch Int.random(in: 0..<6, using: &dice) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      case 1: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &dice)
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 4: bytes.replaceSubrange(place..<end, with: Self.words.randomElement(using: &dice) ?? [])
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }
}
