/// What stands before the samples of a WAV stream.
///
/// The format: a RIFF header, then chunks of a name and a length, of which `fmt ` and `data` matter (Multimedia
/// Programming Interface and Data Specifications 1.0;
/// https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html).
struct WAVHeader: Equatable {
  /// Samples a second.
  let rate: Int
  /// Offset of the first sample.
  let start: Int
  /// Bytes of all samples; nil where the writer could not know.
  let length: Int?

  /// No header is longer.
  private static let longest = 65_536
  /// Writers that stream put nothing, or about the largest number they have, where the length belongs.
  private static let knownLengths = 1..<0x7FFF_0000
  /// Integer samples, and the extensible form of the same.
  private static let formats = [1, 0xFFFE]

  /// Reads the header of mono 16-bit sound; nil while it is not whole.
  static func read(_ bytes: [UInt8]) throws(UnplayableSound) -> WAVHeader? {
    guard bytes.count >= 12 else { return nil }
    guard name(bytes, at: 0) == "RIFF", name(bytes, at: 8) == "WAVE" else {
      throw UnplayableSound(detail: "no RIFF header")
    }
    var offset = 12
    var rate: Int?
    while bytes.count >= offset + 8 {
      let length = number(bytes, at: offset + 4, bytes: 4)
      if name(bytes, at: offset) == "data" {
        guard let rate else { throw UnplayableSound(detail: "samples before their format") }
        return WAVHeader(rate: rate, start: offset + 8, length: knownLengths.contains(length) ? length : nil)
      }
      if name(bytes, at: offset) == "fmt " {
        guard bytes.count >= offset + 24 else { return nil }
        rate = try sampleRate(bytes, at: offset + 8)
      }
      offset += 8 + length + length % 2
      guard offset < longest else { throw UnplayableSound(detail: "header without samples") }
    }
    return nil
  }

  private static func sampleRate(_ bytes: [UInt8], at offset: Int) throws(UnplayableSound) -> Int {
    let format = number(bytes, at: offset, bytes: 2)
    let channels = number(bytes, at: offset + 2, bytes: 2)
    let rate = number(bytes, at: offset + 4, bytes: 4)
    let bits = number(bytes, at: offset + 14, bytes: 2)
    guard formats.contains(format), channels == 1, bits == 16 else {
      throw UnplayableSound(detail: "format \(format), \(channels) channels, \(bits) bits")
    }
    return rate
  }

  private static func name(_ bytes: [UInt8], at offset: Int) -> String {
    String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
  }

  private static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> Int {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
