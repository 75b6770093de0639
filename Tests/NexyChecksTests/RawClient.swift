import NIOCore
import NexyCore

@testable import NexyChecks

/// What came back of one question, byte for byte, and when.
struct RawAnswer: Sendable {
  var bytes: [UInt8] = []
  /// When each piece came, since the question.
  var times: [Duration] = []
  /// Whether the other side ended it; otherwise it was waited for no longer.
  var hasEnded = false

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Asks a provider as a server does, and looks at the bytes.
enum RawClient {
  /// - Parameters:
  ///   - prompt: What is asked.
  ///   - limit: How long it listens.
  ///   - isWhole: Where it stops listening before.
  /// - Throws: What a connection that is refused throws.
  static func ask(
    _ port: Int, _ prompt: String = "Hello?", within limit: Duration = .seconds(5),
    until isWhole: @escaping @Sendable (RawAnswer) -> Bool = { $0.text.hasSuffix("0\r\n\r\n") }
  ) async throws -> RawAnswer {
    let body = #"{"model":"\#(FakeProvider.model)","messages":[{"role":"user","content":"\#(prompt)"}],"stream":true}"#
    let request =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: here\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let connection = try await LoopbackListener.connect(to: port)
    let heard = Found<RawAnswer>()
    heard.set(RawAnswer())
    _ = try? await bounded(limit) {
      try await connection.executeThenClose { inbound, outbound in
        // In two pieces, as networks carry it.
        let bytes = Array(request.utf8)
        try await outbound.write(ByteBuffer(bytes: bytes.prefix(70)))
        try await outbound.write(ByteBuffer(bytes: bytes.dropFirst(70)))
        let began = ContinuousClock.now
        do {
          for try await piece in inbound {
            var answer = heard.value ?? RawAnswer()
            answer.bytes += piece.readableBytesView
            answer.times.append(.now - began)
            heard.set(answer)
            if isWhole(answer) { return }
          }
        } catch is CancellationError { throw CancellationError() } catch {}
        try Task.checkCancellation()
        heard.value.map { answer in
          var answer = answer
          answer.hasEnded = true
          heard.set(answer)
        }
      }
    }
    return heard.value ?? RawAnswer()
  }
}
