import Testing

@testable import NexyCommands

@Suite("A WAV file holds what was said")
struct WAVFileTests {
  @Test("its header says 16-bit mono at 48 kHz")
  func header() {
    let expected: [UInt8] =
      Array("RIFF".utf8) + [42, 0, 0, 0] + Array("WAVE".utf8)
      + Array("fmt ".utf8) + [16, 0, 0, 0]  // the format's length
      + [1, 0]  // PCM
      + [1, 0]  // channels
      + [0x80, 0xBB, 0, 0]  // samples a second
      + [0x00, 0x77, 0x01, 0]  // bytes a second
      + [2, 0]  // bytes a sample of all channels
      + [16, 0]  // bits a sample
      + Array("data".utf8) + [6, 0, 0, 0]
    #expect(Array(WAVFile.bytes(of: [1, -1, 256]).prefix(44)) == expected)
  }

  @Test("its samples stand low byte first")
  func samples() {
    #expect(Array(WAVFile.bytes(of: [1, -1, 0x1234, .min]).dropFirst(44)) == [1, 0, 0xFF, 0xFF, 0x34, 0x12, 0, 0x80])
  }

  @Test("its two lengths agree with its size", arguments: [0, 1, 1000, 48_000])
  func lengths(count: Int) {
    let bytes = WAVFile.bytes(of: [Int16](repeating: 7, count: count))
    #expect(bytes.count == 44 + count * 2)
    #expect(Self.number(bytes[4..<8]) == bytes.count - 8)
    #expect(Self.number(bytes[40..<44]) == count * 2)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
