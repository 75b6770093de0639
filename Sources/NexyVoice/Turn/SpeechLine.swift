import NexyCore

/// Speaks segments in order: a segment's text, then its audio, while the engine already works on the next two.
struct SpeechLine: Sendable {
  /// How many segments the engine may be ahead of the one being sent.
  static let lookAhead = 2
  /// Samples of one segment that may wait to be sent: two seconds.
  static let audioLimit = 2 * AudioChunk.sampleRate

  let synthesizer: any SpeechSynthesizer
  /// Samples of one audio event at most.
  let chunkSamples: Int
  let language: Language?
  let voice: String?
  /// Whose turn it is; nil for a welcome.
  let owner: TurnSlot.Owner?
  /// Told why a segment has no sound; nil where sound is all there is, and its failure ends the line.
  let goesOnSilently: (@Sendable (any Error) -> Void)?

  private struct Spoken: Sendable {
    let segment: Segment
    let audio: BoundedChannel<[Int16]>?
  }

  /// Sends all segments until the channel ends.
  ///
  /// - Throws: What the channel ended with, what `emit` threw, or, where sound is all there is, what the engine threw.
  func run(_ segments: BoundedChannel<Segment>, emit: @Sendable (TurnEvent) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let lane = BoundedChannel<Spoken>(limit: Self.lookAhead)
      group.addTask { await synthesise(segments, into: lane) }
      while let spoken = try await lane.next() {
        try await emit(.text(spoken.segment.text))
        guard let audio = spoken.audio else { continue }
        var framer = AudioFramer(chunkSamples: chunkSamples)
        while let samples = try await audio.next() {
          let chunks = framer.take(samples)
          if !chunks.isEmpty { try await emit(.audio(chunks)) }
        }
        if let last = framer.finish() { try await emit(.audio([last])) }
      }
    }
  }

  private func synthesise(_ segments: BoundedChannel<Segment>, into lane: BoundedChannel<Spoken>) async {
    await withDiscardingTaskGroup { group in
      do {
        while let segment = try await segments.next() {
          guard !segment.spoken.isEmpty else {
            try await lane.send(Spoken(segment: segment, audio: nil))
            continue
          }
          let audio = BoundedChannel<[Int16]>(limit: Self.audioLimit)
          group.addTask { await speak(segment, into: audio) }
          try await lane.send(Spoken(segment: segment, audio: audio))
        }
        lane.finish()
      } catch {
        lane.finish(throwing: error)
      }
    }
  }

  private func speak(_ segment: Segment, into audio: BoundedChannel<[Int16]>) async {
    do {
      let speech = Speech(synthesizer: synthesizer, language: language, voice: voice, owner: owner)
      try await speech.speak(segment.spoken) { samples in
        try await audio.send(samples, weight: samples.count)
      }
      audio.finish()
    } catch {
      guard let goesOnSilently, !Task.isCancelled, !(error is CancellationError) else {
        return audio.finish(throwing: error)
      }
      goesOnSilently(error)
      audio.finish()
    }
  }
}
