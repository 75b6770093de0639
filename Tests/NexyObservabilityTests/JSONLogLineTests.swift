import Foundation
import Logging
import NexyCore
import Synchronization
import Testing

@testable import NexyObservability

@Suite("A JSON log line is one object with the decision line's facts")
struct JSONLogLineTests {
  private static let moment = Date(timeIntervalSince1970: 1_767_323_045.5)

  private func format(_ message: String = "x", metadata: Logger.Metadata = [:]) -> String {
    JSONLogLine.format(level: .info, message: message, metadata: metadata, at: Self.moment)
  }

  private func object(_ line: String) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
  }

  @Test("all members stand in their order")
  func order() {
    let line = format(
      "RPC complete",
      metadata: [
        "n": .stringConvertible(3), "dur_ms": "12", "decision": "complete", "method": "StreamAudio", "scope": "grpc",
      ])
    #expect(
      line == #"{"ts": "2026-01-02T03:04:05.500+00:00", "level": "INFO", "scope": "grpc", "method": "StreamAudio", "#
        + #""decision": "complete", "ctx": {"n": 3}, "dur_ms": 12, "msg": "RPC complete"}"#)
  }

  @Test("what is not known is left out, but for the context")
  func bare() throws {
    #expect(Set(try object(format()).keys) == ["ts", "level", "scope", "ctx", "msg"])
    #expect(try object(format())["ctx"] == [:])
    #expect(try object(format())["scope"] == "server")
  }

  private static let texts = [
    "", "quote \" and \\ backslash", "line\nbreak", "\u{2028}", "nul\u{0}", "Привет 🎉", "{\"a\": 1}", #"", "x": ""#,
  ]

  @Test("a text of any kind reads back as it was, on one line", arguments: texts)
  func text(text: String) throws {
    for key in ["method", "decision", "scope"] {
      let line = format(metadata: [key: .string(text)])
      #expect(!line.holdsLineBreak)
      #expect(try object(line)[key] == .string(text))
    }
    #expect(try object(format(text))["msg"] == .string(text))
    #expect(try object(format(metadata: ["a": .string(text)]))["ctx"] == ["a": .string(text)])
  }

  @Test("secrets are masked wherever they stand")
  func secrets() throws {
    let line = format("refused: api_key=hunter2", metadata: ["token": "hunter2", "detail": "password=hunter2"])
    #expect(!line.contains("hunter2"))
    #expect(try object(line)["ctx"] == ["token": "****", "detail": "password=****"])
  }

  @Test("a value that a client made long is cut")
  func longValue() {
    #expect(format(metadata: ["id": "\(String(repeating: "я", count: 100_000))"]).utf8.count < 2048)
  }

  @Test("a duration that is no number stays readable in the context")
  func oddDuration() throws {
    let object = try object(format(metadata: ["dur_ms": "soon"]))
    #expect(object["dur_ms"] == nil)
    #expect(object["ctx"] == ["dur_ms": "soon"])
  }

  @Test("a log of each format says the same to the statistics", arguments: LogFormat.allCases)
  func formats(format: LogFormat) throws {
    let lines = Mutex([String]())
    let log = DecisionLog(level: .debug, format: format) { line in lines.withLock { $0.append(line) } }
    log.record(
      .error, "failed", scope: .grpc, level: .error, method: "StreamAudio",
      context: [
        "error_type": "model_unavailable", "error_code": "UNAVAILABLE", "active_streams": .stringConvertible(4),
      ],
      duration: .milliseconds(17))
    #expect(lines.withLock { $0.count } == 1)
    let line = try #require(lines.withLock { $0.first })
    #expect(line.hasPrefix(format == .json ? "{" : "ts="))
    let record = try ReadRecord(line)
    #expect(record.method == "StreamAudio")
    #expect(record.decision == "error")
    #expect(record.duration == 17)
    #expect(record.activeStreams == 4)
    #expect(record.errorType == "model_unavailable")
    #expect(record.errorCode == "UNAVAILABLE")
  }
}
