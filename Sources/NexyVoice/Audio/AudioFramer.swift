/// Cuts samples into chunks of one size; the last may be shorter.
struct AudioFramer: Sendable {
  private let chunkSamples: Int
  private var rest: [Int16] = []

  init(chunkSamples: Int) { self.chunkSamples = chunkSamples }

  /// Returns the whole chunks that are ready, as slices of what came in wherever they can be.
  mutating func take(_ samples: [Int16]) -> [AudioChunk] {
    let joined = rest.isEmpty ? samples : rest + samples
    var chunks: [AudioChunk] = []
    chunks.reserveCapacity(joined.count / chunkSamples)
    var start = 0
    while joined.count - start >= chunkSamples {
      chunks.append(AudioChunk(samples: joined[start..<start + chunkSamples]))
      start += chunkSamples
    }
    rest = Array(joined[start...])
    return chunks
  }

  mutating func finish() -> AudioChunk? {
    defer { rest = [] }
    return rest.isEmpty ? nil : AudioChunk(samples: rest[...])
  }
}
