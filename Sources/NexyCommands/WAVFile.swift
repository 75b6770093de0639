import NexyWire

/// A WAV file of mono 16-bit samples (Multimedia Programming Interface and Data Specifications 1.0).
enum WAVFile {
  static func bytes(of samples: [Int16]) -> [UInt8] {
    let rate = UInt32(WireAudio.sampleRate)
    let length = UInt32(samples.count * 2)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(44 + samples.count * 2)
    bytes += "RIFF".utf8
    bytes += little(36 + length)
    bytes += "WAVEfmt ".utf8
    bytes += little(UInt32(16)) + little(UInt16(1)) + little(UInt16(1))
    bytes += little(rate) + little(rate * 2) + little(UInt16(2)) + little(UInt16(16))
    bytes += "data".utf8
    bytes += little(length)
    for sample in samples { bytes += little(UInt16(bitPattern: sample)) }
    return bytes
  }

  private static func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * Number($0))) }
  }
}
