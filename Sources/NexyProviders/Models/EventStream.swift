import NIOCore
import NexyVoice

/// Reads an answer of server-sent events into deltas, one read of the socket at a time.
struct EventStream: Sendable {
  /// Bytes of one answer; the longest reply has a thousandth of it.
  static let answerLimit = 32 << 20
  /// Bytes of a document that comes instead of events.
  static let documentLimit = 64 * 1024
  /// How long a whole reply may leave its connection open. Reading to its end keeps the connection for the next turn.
  static let tailLimit = Duration.seconds(1)

  let vendor: Upstream.Vendor
  let clock: any Clock<Duration>
  var answerLimit = Self.answerLimit

  /// - Throws: `ProviderFault`, `CancellationError`, or what `emit` threw.
  func run<Format: ReplyFormat>(
    _ answer: UpstreamAnswer, as format: Format, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    switch answer.mediaType {
    case "text/event-stream", "": break
    case "application/json":
      let document = try await Self.document(answer.body)
      throw format.fault(in: document) ?? malformed("did not stream its answer")
    case "text/html": throw malformed("answered with a web page")
    default: throw malformed("did not answer with a stream of events")
    }
    var format = try await read(answer.body, as: format, emit: emit)
    try Task.checkCancellation()
    for delta in format.end() { try await emit(delta) }
    if let fault = format.fault { throw fault }
  }

  /// Reads until the body ends, or until a whole reply has left it open for too long.
  private func read<Format: ReplyFormat>(
    _ body: UpstreamBody, as format: Format, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws -> Format {
    let tail = AnswerTail()
    return try await withThrowingTaskGroup(of: Format?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await read(body, as: format, tail, emit: emit) }
      group.addTask {
        try await tail.runOut(after: Self.tailLimit, clock)
        return nil
      }
      for try await format in group {
        if let format { return format }
        group.cancelAll()
      }
      throw CancellationError()
    }
  }

  private func read<Format: ReplyFormat>(
    _ body: UpstreamBody, as format: Format, _ tail: AnswerTail, emit: @Sendable (ModelDelta) async throws -> Void
  ) async throws -> Format {
    var format = format
    var events = ServerSentEvents()
    var bytes = 0
    var buffers = body.makeAsyncIterator()
    while let buffer = try await Self.next(of: &buffers, tail, isWhole: format.isWhole) {
      bytes += buffer.readableBytes
      guard bytes <= answerLimit else { throw malformed("sent an answer without an end") }
      for event in try take(buffer, &events) {
        for delta in format.take(event.data) { try await emit(delta) }
        if let fault = format.fault { throw fault }
      }
      if format.isWhole { tail.begin() }
    }
    if !format.isWhole, let fault = format.fault(in: events.stray) { throw fault }
    return format
  }

  /// What a broken connection leaves of a whole reply is a whole reply, and so is what there is when its tail runs out.
  private static func next(
    of buffers: inout UpstreamBody.Iterator, _ tail: AnswerTail, isWhole: Bool
  ) async throws -> ByteBuffer? {
    do {
      tail.beginWait()
      let buffer = try await buffers.next()
      return tail.endWait() ? buffer : nil
    } catch {
      guard isWhole else { throw error }
      return nil
    }
  }

  private func take(_ buffer: ByteBuffer, _ events: inout ServerSentEvents) throws -> [ServerSentEvents.Event] {
    do {
      return try events.take(buffer)
    } catch {
      throw malformed("sent an event without an end")
    }
  }

  private static func document(_ body: UpstreamBody) async throws -> [UInt8] {
    var document: [UInt8] = []
    try await body.forEach { buffer in
      document += buffer.readableBytesView.prefix(documentLimit - document.count)
      return document.count < documentLimit
    }
    return document
  }

  private func malformed(_ what: String) -> ProviderFault {
    ProviderFault(.malformed, "\(vendor.name) \(what): check \(vendor.addressSetting).")
  }
}
