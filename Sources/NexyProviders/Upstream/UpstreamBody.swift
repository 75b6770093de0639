import AsyncHTTPClient
import NIOCore
import Synchronization

/// The body of an answer, piece by piece as it arrives.
package struct UpstreamBody {
  private var pieces: HTTPClientResponse.Body.AsyncIterator
  private let watch: UpstreamWatch
  private var isComplete = false

  init(_ body: HTTPClientResponse.Body, watch: UpstreamWatch) {
    pieces = body.makeAsyncIterator()
    self.watch = watch
  }

  /// The next piece; nil at the end.
  ///
  /// - Throws: `UpstreamFailure.cut` when the connection ended before the body.
  package mutating func next() async throws -> ByteBuffer? {
    if !isComplete { watch.waitsForBytes() }
    defer { if !isComplete { watch.waitEnded() } }
    do {
      return try await pieces.next()
    } catch {
      if isComplete { return nil }
      try Task.checkCancellation()
      throw UpstreamFailure(error, connected: true)
    }
  }

  /// The answer has said what it had to say. What is left is still read, so that its connection can serve another
  /// call, but nothing that goes wrong with it is a failure.
  package mutating func expectEnd() {
    guard !isComplete else { return }
    isComplete = true
    watch.waitsForEnd()
  }

  /// As much of it as comes soon, up to a limit of bytes.
  mutating func beginning(_ limit: Int) async throws -> ByteBuffer {
    expectEnd()
    var bytes = ByteBuffer()
    while bytes.readableBytes < limit, var piece = try await next() {
      bytes.writeImmutableBuffer(piece.readSlice(length: min(piece.readableBytes, limit - bytes.readableBytes))!)
    }
    return bytes
  }
}

/// Whether a call's connection stands.
final class Connection: Sendable {
  private let watch: UpstreamWatch
  private let state = Mutex(false)

  init(_ watch: UpstreamWatch) { self.watch = watch }

  var stands: Bool { state.withLock { $0 } }

  func begins() {
    state.withLock { $0 = true }
    watch.connected()
  }
}

/// A request's body that tells when it is asked for: the client does so once the connection stands.
struct WatchedBody: AsyncSequence, Sendable {
  let body: ByteBuffer
  let connection: Connection

  struct Iterator: AsyncIteratorProtocol {
    var body: ByteBuffer?
    let connection: Connection

    mutating func next() async -> ByteBuffer? {
      defer { body = nil }
      if body != nil { connection.begins() }
      return body
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(body: body, connection: connection) }
}
