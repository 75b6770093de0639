import NIOCore
import NexyCore
import Testing

@testable import NexyChecks

@Suite("The fake provider", .timeLimit(.minutes(1)))
struct FakeProviderTests {
  @Test("streams its answer event by event, and says that it ended")
  func answer() async throws {
    try await FakeProvider.with { provider in
      let answer = try await RawClient.ask(provider.port)
      #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"))
      #expect(Self.said(answer.text) == FakeProvider.answer)
      #expect(answer.text.contains(#""finish_reason":"stop""#) && answer.text.contains("data: [DONE]"))
      #expect(answer.times.count >= FakeProvider.sentences.count)
    }
  }

  @Test("speaks long where it is asked to")
  func longAnswer() async throws {
    try await FakeProvider.with { provider in
      let answer = try await RawClient.ask(provider.port, FakeProvider.longWord, within: .milliseconds(700))
      let said = Self.said(answer.text)
      #expect(FakeProvider.longAnswer.hasPrefix(said) && !said.isEmpty && said != FakeProvider.longAnswer)
      #expect(!answer.hasEnded)
    }
  }

  @Test("answers two questions of one connection")
  func twoQuestions() throws {
    var buffer = ByteBuffer(string: "POST /a HTTP/1.1\r\nCONTENT-LENGTH: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\nPOST /c HT")
    #expect(RawRequest.take(from: &buffer) == RawRequest(line: "POST /a HTTP/1.1", body: "hi"))
    #expect(RawRequest.take(from: &buffer) == RawRequest(line: "GET /b HTTP/1.1", body: ""))
    #expect(RawRequest.take(from: &buffer) == nil)
    #expect(buffer.readableBytes == "POST /c HT".utf8.count)
  }

  @Test("is gone with its scope")
  func end() async throws {
    let port = try await FakeProvider.with { $0.port }
    await #expect(throws: (any Error).self) { try await RawClient.ask(port) }
  }

  /// What the deltas say.
  static func said(_ text: String) -> String {
    text.matches(of: #/"content":"([^"]*)"/#).map { String($0.1) }.joined()
  }
}
