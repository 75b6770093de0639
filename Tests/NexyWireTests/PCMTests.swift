import Foundation
import NexyWire
import SwiftProtobuf
import Testing

@Suite("Audio is signed 16-bit little-endian mono")
struct PCMTests {
  private static let pairs: [(samples: [Int16], bytes: [UInt8])] = [
    ([], []), ([0], [0, 0]), ([1], [1, 0]), ([-1], [0xFF, 0xFF]), ([256], [0, 1]), ([0x1234], [0x34, 0x12]),
    ([.max, .min], [0xFF, 0x7F, 0x00, 0x80]), ([1, -2, 3], [1, 0, 0xFE, 0xFF, 3, 0]),
  ]

  @Test("samples become bytes, the low one first", arguments: pairs)
  func encodes(samples: [Int16], bytes: [UInt8]) {
    #expect([UInt8](Streaming_AudioChunk(samples: samples[...]).audioData) == bytes)
  }

  @Test("bytes become samples", arguments: pairs)
  func decodes(samples: [Int16], bytes: [UInt8]) {
    #expect(Streaming_AudioChunk.with { $0.audioData = Data(bytes) }.samples == samples)
  }

  @Test("every sample survives")
  func roundTrip() {
    let samples = Array(Int16.min...Int16.max)
    #expect(Streaming_AudioChunk(samples: samples[...]).samples == samples)
  }

  @Test("a slice gives its own samples only")
  func slice() {
    let samples: [Int16] = [1, 2, 3, 4]
    #expect(Streaming_AudioChunk(samples: samples[1..<3]).samples == [2, 3])
  }

  @Test("an odd number of bytes is no samples", arguments: [1, 3, 4095])
  func odd(count: Int) {
    #expect(Streaming_AudioChunk.with { $0.audioData = Data(count: count) }.samples == nil)
  }

  @Test("every message says what it holds")
  func facts() {
    let chunk = Streaming_AudioChunk(samples: [1])
    #expect(chunk.sampleRate == 48_000)
    #expect(chunk.channels == 1)
    #expect(chunk.dtype == "int16")
  }
}
