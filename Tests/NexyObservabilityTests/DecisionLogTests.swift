import Logging
import NexyCore
import Testing

@testable import NexyObservability

@Suite("The decision log writes what is asked for")
struct DecisionLogTests {
  private static let order: [Logger.Level] = [.debug, .info, .warning, .error, .critical]

  @Test("lines below the level are left out", arguments: order)
  func level(level: Logger.Level) {
    let recorded = RecordedLog()
    let log = recorded.log(level: level)
    for each in Self.order { log.record(.start, "\(each)", scope: .server, level: each) }
    let messages = recorded.lines.compactMap { ParsedLine($0)?.message }
    #expect(messages == Self.order.filter { $0 >= level }.map { "\($0)" })
  }

  @Test("one decision is one line with all that is known")
  func record() throws {
    let recorded = RecordedLog()
    recorded.log().record(
      .complete, "RPC complete", scope: .grpc, method: "StreamAudio",
      context: ["segments": .stringConvertible(3)], duration: .milliseconds(1234) + .microseconds(900))
    #expect(recorded.lines.count == 1)
    let line = try #require(ParsedLine(recorded.lines[0]))
    #expect(line.level == "INFO")
    #expect(line.scope == "grpc")
    #expect(line.method == "StreamAudio")
    #expect(line.decision == "complete")
    #expect(line.context == #"{"segments": 3}"#)
    #expect(line.milliseconds == "1234")
    #expect(line.message == "RPC complete")
  }

  @Test("a decision without facts has neither method nor context nor duration")
  func bare() throws {
    let recorded = RecordedLog()
    recorded.log().record(.initialise, "Server started", scope: .server)
    let line = try #require(ParsedLine(recorded.lines[0]))
    #expect(line.method == nil)
    #expect(line.context == nil)
    #expect(line.milliseconds == nil)
    #expect(line.decision == "init")
  }

  private static let words: [(decision: Decision, word: String)] = [
    (.start, "start"), (.complete, "complete"), (.error, "error"), (.abort, "abort"), (.reject, "reject"),
    (.warning, "warning"), (.collectAcknowledged, "collect_ack"), (.initialise, "init"),
    (.stop, "stop"), (.shutdown, "shutdown"),
  ]

  @Test("a decision is written in the word the operator's tools know", arguments: words)
  func word(decision: Decision, word: String) {
    let recorded = RecordedLog()
    recorded.log().record(decision, "x", scope: .server)
    #expect(recorded.lines.compactMap { ParsedLine($0)?.decision } == [word])
  }

  @Test("a value that a client made long is cut, and its length told")
  func longValue() throws {
    let recorded = RecordedLog()
    recorded.log().record(.start, "x", scope: .grpc, context: ["id": "\(String(repeating: "я", count: 100_000))"])
    let line = try #require(recorded.lines.first)
    #expect(line.utf8.count < 2048)
    #expect(line.contains("(200000 bytes)"))
  }

  @Test("a library's lines have its label as scope and the same shape")
  func library() throws {
    let recorded = RecordedLog()
    let logger = recorded.log().logger(label: "http", level: .warning)
    logger.info("below")
    logger.warning("token=hunter2\nretry", metadata: ["attempt": .stringConvertible(2)])
    #expect(recorded.lines.count == 1)
    let line = try #require(ParsedLine(recorded.lines[0]))
    #expect(line.scope == "http")
    #expect(line.level == "WARNING")
    #expect(line.context == #"{"attempt": 2}"#)
    #expect(!line.message.contains("hunter2"))
  }

  @Test("a library may not log below the log's own level")
  func libraryLevel() {
    let recorded = RecordedLog()
    recorded.log(level: .error).logger(label: "http", level: .debug).warning("x")
    #expect(recorded.lines == [])
  }
}
