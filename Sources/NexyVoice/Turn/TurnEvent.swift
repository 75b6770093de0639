import NexyCore

/// What a turn sends to its client, in this order: each sentence's text, then its audio; at most one action; exactly one
/// terminal.
package enum TurnEvent: Sendable {
  /// A piece of the reply as the model wrote it; the pieces of a turn, put together, are the reply.
  case text(String)
  /// The chunks that are ready, at least one: sent in one go, each a message of its own.
  case audio([AudioChunk])
  case action(AssistantCommand)
  case finished
  case failed(NexyError)
}

/// Mono samples at `AudioChunk.sampleRate`; the wire makes them little-endian bytes.
package struct AudioChunk: Sendable, Equatable {
  /// Samples a second that every client plays.
  package static let sampleRate = 48_000

  package var samples: ArraySlice<Int16>

  package init(samples: ArraySlice<Int16>) { self.samples = samples }
}

extension [AudioChunk] {
  var sampleCount: Int { reduce(0) { $0 + $1.samples.count } }
}

/// What became of a turn, for the log.
package struct TurnReport: Sendable {
  /// Why the turn failed; nil when it ended well.
  package var failure: NexyError?
  /// Pieces of text that were sent.
  package var segments = 0
  /// Samples that were sent.
  package var audioSamples = 0
  /// From the request to the first text and the first audio.
  package var firstText: Duration?
  package var firstAudio: Duration?
  package var total: Duration = .zero
  /// The command that was sent.
  package var command: String?
  /// Why a command the model proposed was not sent.
  package var refusal: String?
  /// Why a part of the reply had no sound; the first reason counts.
  package var speechFailure: NexyError?
  /// Why the turn went on without its memory: `late`, or the failure's code.
  package var recallFailure: String?
  /// Whether the model's safety rules kept it from answering.
  package var isBlocked = false
  /// What was wrong with the reply's JSON.
  package var replyFault: ReplyReader.Fault?
}
