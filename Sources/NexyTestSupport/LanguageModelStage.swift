import NexyVoice

/// One answer of a fake upstream, over a real connection.
package protocol ServedAnswer: Sendable {
  /// Sends the head of an answer whose body follows piece by piece.
  func begin(status: Int, headers: [String: String]) async throws
  /// Sends a piece of the body; suspends when the connection takes no more.
  func send(_ bytes: [UInt8]) async throws
  /// Ends the body.
  func end() async throws
  /// Closes the connection, whatever was sent.
  func cut() async throws
  /// Returns once the other side has closed the connection.
  func waitForClose() async throws
}

/// Where a language model is put through its behaviour suite: its provider's wire format, and a fake upstream that
/// speaks it.
package struct LanguageModelStage: Sendable {
  package typealias Script = @Sendable (any ServedAnswer) async throws -> Void
  package typealias Body = @Sendable (any LanguageModel) async throws -> Void

  /// The type of content that a stream has.
  package var streamType: String
  /// A whole reply as the provider writes it: one piece a delta in the same order, then the pieces of its end.
  package var pieces: @Sendable ([ModelDelta]) -> [[UInt8]]
  /// Answers every request with the script while the body runs.
  package var serve: @Sendable (@escaping Script, @escaping Body) async throws -> Void
  /// The kind of a provider's fault; nil for any other error.
  package var faultKind: @Sendable (any Error) -> String?

  package init(
    streamType: String = "text/event-stream", pieces: @escaping @Sendable ([ModelDelta]) -> [[UInt8]],
    serve: @escaping @Sendable (@escaping Script, @escaping Body) async throws -> Void,
    faultKind: @escaping @Sendable (any Error) -> String?
  ) {
    self.streamType = streamType
    self.pieces = pieces
    self.serve = serve
    self.faultKind = faultKind
  }
}

extension ServedAnswer {
  /// Sends a whole reply.
  package func reply(_ pieces: [[UInt8]], type: String) async throws {
    try await begin(status: 200, headers: ["content-type": type])
    for piece in pieces { try await send(piece) }
    try await end()
  }
}
