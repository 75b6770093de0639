import NIOCore
import NexyCore
import NexyVoice

/// Reads the events of one reply, as one provider writes them.
protocol ReplyReader: Sendable {
  /// Whether the reply is complete; what still comes is usage at most.
  var isComplete: Bool { get }
  var tokens: TokenCount { get }

  /// What an event says. Throws `ProviderFault`.
  mutating func read(_ event: ServerSentEvents.Event) throws -> [ModelDelta]
  /// The stream has ended. Throws `ProviderFault` when the reply has not, or when there was none.
  func end() throws
}

/// One call of a language model over a stream of events.
struct ModelCall: Sendable {
  let upstream: Upstream
  let names: ProviderNames
  let model: String
  let key: APIKey?
  let onUsage: @Sendable (ModelUsage) -> Void

  func run(
    _ message: UpstreamRequest, for request: ModelRequest, reader: some ReplyReader,
    emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    do {
      try await upstream.post(message) { body in
        var reader = reader
        defer { report(reader.tokens, of: request) }
        var events = ServerSentEvents()
        while let bytes = try await body.next() {
          for event in try events.read(bytes.readableBytesView) {
            for delta in try reader.read(event) { try await emit(delta) }
          }
          if reader.isComplete { body.expectEnd() }
        }
        if !reader.isComplete, let event = try events.end() {
          for delta in try read(last: event, &reader) { try await emit(delta) }
        }
        try reader.end()
      }
    } catch let failure as UpstreamFailure {
      throw ProviderFault(failure, of: names, key: key).error
    } catch let fault as ProviderFault {
      throw fault.error
    } catch is ServerSentEvents.TooLong {
      throw ProviderFault(.badAnswer, of: names, key: key, words: ["endless event"]).error
    }
  }

  /// An event that the end of the stream cut cannot be read, and that is not the fault to tell.
  private func read(last event: ServerSentEvents.Event, _ reader: inout some ReplyReader) throws -> [ModelDelta] {
    do {
      return try reader.read(event)
    } catch let fault as ProviderFault where fault.kind == .badAnswer {
      throw ProviderFault(.cutOff, of: names, key: key, words: fault.words)
    }
  }

  private func report(_ tokens: TokenCount, of request: ModelRequest) {
    onUsage(
      ModelUsage(
        provider: names.provider, model: model, device: request.device, session: request.session,
        inputTokens: tokens.input, outputTokens: tokens.output))
  }
}
