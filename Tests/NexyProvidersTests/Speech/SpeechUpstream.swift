import AsyncHTTPClient
import NIOCore
import NexyTestSupport
import Synchronization

/// A speech service over real HTTP that answers every call in one way.
final class SpeechUpstream: Sendable {
  /// One answer.
  struct Reply: Sendable {
    /// What stands behind the pieces of the body.
    enum End: Sendable { case whole, standing, endless, cut }

    var status = 200
    var headers = ["content-type": "audio/pcm"]
    /// Each is sent as a chunk of its own.
    var pieces: [[UInt8]] = []
    var end = End.whole
    /// The connection is closed without an answer.
    var isDead = false
  }

  /// Opens when a call has come whole.
  let called = Gate()
  /// Opens when a connection is closed whose answer was not whole.
  let closed = Gate()
  private let sent = Atomic(0)

  /// Bytes of bodies that the connections have taken.
  var sentBytes: Int { sent.load(ordering: .relaxed) }

  func answer(_ reply: Reply, _ answer: FakeUpstream.Answer) async throws {
    called.open()
    defer { if reply.end != .whole { closed.open() } }
    if reply.isDead { return try await answer.cut() }
    try await answer.begin(status: reply.status, headers: reply.headers)
    repeat {
      for piece in reply.pieces where !piece.isEmpty {
        try await answer.send(piece)
        // Sending is told to wait by the event loop; without a turn of it, pieces would pile up before it knows.
        try await answer.channel.eventLoop.submit {}.get()
        sent.add(piece.count, ordering: .relaxed)
      }
    } while reply.end == .endless
    switch reply.end {
    case .whole: try await answer.end()
    case .cut: try await answer.cut()
    case .standing, .endless: try await answer.waitForClose()
    }
  }
}
