import NexyCore
import Synchronization

/// Speaks a given text: the greeting, and what a client could not hear in its turn.
package struct Welcome: Sendable {
  /// What is to be spoken, and how.
  package struct Request: Sendable {
    package var text: String
    /// In the engine's own or any vendor's spelling.
    package var voice: String?
    package var language: Language?

    package init(text: String, voice: String? = nil, language: Language? = nil) {
      self.text = text
      self.voice = voice
      self.language = language
    }
  }

  /// What a welcome sends.
  package enum Event: Sendable {
    /// First and once: the engine, and how long the audio is; nil when that is not known yet.
    case metadata(engine: String, duration: Duration?)
    case audio([AudioChunk])
    /// Last and once, one of these two.
    case finished
    case failed(NexyError)
  }

  /// What is said when no text is given.
  package static let defaultTexts: [Language: String] = [
    .english: "Hi! Nexy is here. How can I help you?",
    .russian: "Привет! Это Нэкси. Чем могу помочь?",
  ]

  /// Bytes of text that one request may have spoken.
  private static let textLimit = 16_384
  /// Samples that are gathered to know the duration before the first audio goes out: thirty seconds.
  private static let gatherLimit = 30 * AudioChunk.sampleRate

  private let synthesizer: any SpeechSynthesizer
  private let rules: Turn.Rules
  private let clock: any Clock<Duration>

  package init(
    synthesizer: any SpeechSynthesizer, rules: Turn.Rules, clock: any Clock<Duration> = SharedClock()
  ) {
    self.synthesizer = synthesizer
    self.rules = rules
    self.clock = clock
  }

  /// Sends the metadata, then the audio, then the terminal; never ends well without audio.
  ///
  /// - Returns: Why it failed; nil when it ended well.
  package func run(
    _ request: Request, interruption: Interruption, emit: @escaping @Sendable (Event) async throws -> Void
  ) async -> NexyError? {
    await interruption.ending(clock: clock) {
      try await speak(request, emit: emit)
    } terminal: { failure in
      try await emit(failure.map(Event.failed) ?? .finished)
    }
  }

  private func speak(_ request: Request, emit: @escaping @Sendable (Event) async throws -> Void) async throws {
    let segments = try segments(of: request)
    let gathering = Gathering(limit: Self.gatherLimit, engine: synthesizer.name, emit: emit)
    let line = SpeechLine(
      synthesizer: synthesizer.forOneTurn(), chunkSamples: rules.chunkSamples, language: request.language,
      voice: request.voice, owner: nil, goesOnSilently: nil)
    try await line.run(segments) { event in
      if case .audio(let chunks) = event { try await gathering.take(chunks) }
    }
    try await gathering.finish()
  }

  private func segments(of request: Request) throws -> BoundedChannel<Segment> {
    let greeting = request.language ?? request.voice.flatMap(Language.init(tag:)) ?? .english
    let text = request.text.allSatisfy(\.isWhitespace) ? Self.defaultTexts[greeting]! : request.text
    guard text.utf8.count <= Self.textLimit else {
      throw NexyError(.textTooLong, "The text is too long to be spoken: \(Self.textLimit) bytes are allowed.")
    }
    var merger = SegmentMerger(rules: rules.merge)
    let merged = SentenceSegmenter.sentences(of: text).compactMap { merger.take($0 + " ") } + [merger.flush()]
    let channel = BoundedChannel<Segment>(limit: .max)
    for case let text? in merged {
      channel.push(Segment(text: text, spoken: SpeechText.spoken(text, language: request.language)))
    }
    channel.finish()
    return channel
  }
}

extension NexyError.Code {
  /// The text is longer than one request may have spoken.
  package static let textTooLong = Self("text_too_long")
}

/// Holds the audio back until it is whole, so that its duration is known; what is too long for that streams.
private final class Gathering: Sendable {
  private struct State {
    var held: [AudioChunk] = []
    var samples = 0
    var streams = false
  }

  private let state = Mutex(State())
  private let limit: Int
  private let engine: String
  private let emit: @Sendable (Welcome.Event) async throws -> Void

  init(limit: Int, engine: String, emit: @escaping @Sendable (Welcome.Event) async throws -> Void) {
    self.limit = limit
    self.engine = engine
    self.emit = emit
  }

  func take(_ chunks: [AudioChunk]) async throws {
    let (streams, overflows) = state.withLock { state in
      state.samples += chunks.sampleCount
      if !state.streams { state.held += chunks }
      return (state.streams, !state.streams && state.samples > limit)
    }
    if streams { try await emit(.audio(chunks)) }
    if overflows { try await release(duration: nil) }
  }

  func finish() async throws {
    let (samples, streams) = state.withLock { ($0.samples, $0.streams) }
    guard samples > 0 else {
      throw NexyError(.speechFailed, "There is nothing in this text that can be spoken.")
    }
    if !streams { try await release(duration: .seconds(Double(samples) / Double(AudioChunk.sampleRate))) }
  }

  private func release(duration: Duration?) async throws {
    let held = state.withLock { state in
      state.streams = true
      defer { state.held = [] }
      return state.held
    }
    try await emit(.metadata(engine: engine, duration: duration))
    try await emit(.audio(held))
  }
}
