import NIOCore
import NexyCore

/// A language model with two answers: any OpenAI-compatible server, as far as a turn needs one
/// (https://platform.openai.com/docs/api-reference/chat-streaming).
struct FakeProvider: Sendable {
  static let model = "nexy-check"
  static let sentences = [
    "This is the first sentence of the provider. ", "Here comes the second sentence of the provider. ",
    "And with this third one the provider ends.",
  ]
  /// What a question with this word gets instead: an answer of ten seconds and more.
  static let longWord = "nexy-check-long"
  static let longSentences = (1...60).map { "This is sentence number \($0) of a long answer. " }

  static var answer: String { sentences.joined() }
  static var longAnswer: String { longSentences.joined() }

  /// Between two sentences.
  private static let pause = Duration.milliseconds(30)
  private static let longPause = Duration.milliseconds(200)

  let port: Int

  /// Runs one on loopback for as long as `body` runs.
  static func with<Value: Sendable>(_ body: (FakeProvider) async throws -> Value) async throws -> Value {
    let (port, listening) = try await LoopbackListener.listen()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await LoopbackListener.serve(listening) { connection in
          try await connection.executeThenClose { try await converse($0, $1) }
        }
      }
      defer { group.cancelAll() }
      return try await body(FakeProvider(port: port))
    }
  }

  /// Bytes of the answer up to the end of so many sentences, and a few of the next one.
  static func bytes(through sentence: Int) -> Int {
    head.utf8.count + sentences.prefix(sentence).map { event($0).utf8.count }.reduce(0, +) + 20
  }

  private static func converse(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws {
    var waiting = ByteBuffer()
    for try await piece in inbound {
      waiting.writeImmutableBuffer(piece)
      while let request = RawRequest.take(from: &waiting) {
        guard request.line.hasPrefix("POST /v1/chat/completions ") else {
          try await outbound.write(ByteBuffer(string: "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"))
          continue
        }
        let isLong = request.body.contains(longWord)
        try await outbound.write(ByteBuffer(string: head))
        for sentence in isLong ? longSentences : sentences {
          try await outbound.write(ByteBuffer(string: event(sentence)))
          try await Task.sleep(for: isLong ? longPause : pause)
        }
        try await outbound.write(ByteBuffer(string: end))
      }
    }
  }

  private static let head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

  private static func event(_ text: String) -> String {
    chunk(data(#"[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]"#))
  }

  private static var end: String {
    chunk(data(#"[{"index":0,"delta":{},"finish_reason":"stop"}]"#)) + chunk("data: [DONE]\n\n") + chunk("")
  }

  private static func data(_ choices: String) -> String {
    #"data: {"id":"check","object":"chat.completion.chunk","created":1795000000,"model":"\#(model)","choices":\#(choices)}"#
      + "\n\n"
  }

  private static func chunk(_ text: String) -> String {
    "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
  }
}
