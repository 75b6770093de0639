import NexyCore
import NexyVoice

/// Takes the samples out of a WAV stream whose length its header cannot know, cut anywhere.
///
/// The format: RIFF header, then chunks of a name and a length; `fmt ` and `data` matter (Multimedia Programming
/// Interface and Data Specifications 1.0).
struct WAVReader {
  private enum Place { case header, data }

  private let expectedRate: Int
  private var place = Place.header
  private var pending: [UInt8] = []

  init(expectedRate: Int) { self.expectedRate = expectedRate }

  /// Takes the next bytes and returns the whole samples that are known.
  mutating func samples(in bytes: UnsafeRawBufferPointer) throws(NexyError) -> [Int16] {
    pending += bytes
    if place == .header {
      guard let start = try dataStart() else { return [] }
      pending.removeFirst(start)
      place = .data
    }
    let whole = pending.count / 2 * 2
    let samples = [Int16](unsafeUninitializedCapacity: whole / 2) { buffer, count in
      for index in 0..<whole / 2 {
        buffer[index] = Int16(bitPattern: UInt16(pending[2 * index]) | UInt16(pending[2 * index + 1]) << 8)
      }
      count = whole / 2
    }
    pending.removeFirst(whole)
    return samples
  }

  /// Where the samples begin; nil while the header is not whole.
  private func dataStart() throws(NexyError) -> Int? {
    guard pending.count >= 12 else { return nil }
    guard name(at: 0) == "RIFF", name(at: 8) == "WAVE" else { throw broken("no RIFF header") }
    var offset = 12
    while pending.count >= offset + 8 {
      let length = Int(number(at: offset + 4, bytes: 4))
      if name(at: offset) == "data" { return offset + 8 }
      if name(at: offset) == "fmt " {
        guard pending.count >= offset + 24 else { return nil }
        let (channels, rate, bits) = (
          number(at: offset + 10, bytes: 2), number(at: offset + 12, bytes: 4), number(at: offset + 22, bytes: 2)
        )
        guard channels == 1, rate == expectedRate, bits == 16 else {
          throw broken("\(channels) channels at \(rate) Hz, \(bits) bits")
        }
      }
      offset += 8 + length + length % 2
      guard offset < 65_536 else { throw broken("header without data") }
    }
    return nil
  }

  private func name(at offset: Int) -> String { String(decoding: pending[offset..<offset + 4], as: UTF8.self) }

  private func number(at offset: Int, bytes: Int) -> UInt32 {
    pending[offset..<offset + bytes].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private func broken(_ detail: String) -> NexyError {
    NexyError(.speechFailed, "Speech failed: espeak-ng sent audio in a form that cannot be read.", detail: detail)
  }
}
