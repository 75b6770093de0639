import Foundation
import Logging
import NexyCore
import Testing

@testable import NexyObservability

@Suite("A decision is one line in the operator's format")
struct DecisionLineTests {
  /// 2026-01-02, 03:04:05.500 UTC.
  private static let moment = Date(timeIntervalSince1970: 1_767_323_045.5)

  private func format(
    _ message: String = "RPC complete", level: Logger.Level = .info, metadata: Logger.Metadata = [:]
  ) -> String {
    DecisionLine.format(level: level, message: message, metadata: metadata, at: Self.moment)
  }

  @Test("all fields stand in their order")
  func order() {
    let line = format(metadata: [
      "n": .stringConvertible(3), "dur_ms": "12", "decision": "complete", "method": "StreamAudio", "scope": "grpc",
    ])
    #expect(
      line == #"ts=2026-01-02T03:04:05.500+00:00 level=INFO scope=grpc method=StreamAudio decision=complete "#
        + #"ctx={"n": 3} dur_ms=12 msg=RPC complete"#)
  }

  private static let optional: [(metadata: Logger.Metadata, fields: String)] = [
    ([:], "scope=server "),
    (["scope": "http"], "scope=http "),
    (["scope": "grpc", "method": "StreamAudio"], "scope=grpc method=StreamAudio "),
    (["scope": "grpc", "decision": "start"], "scope=grpc decision=start "),
    (["scope": "grpc", "a": "b"], #"scope=grpc ctx={"a": "b"} "#),
    (["scope": "grpc", "dur_ms": "0"], "scope=grpc dur_ms=0 "),
    (["scope": "grpc", "decision": "error", "dur_ms": "7"], "scope=grpc decision=error dur_ms=7 "),
  ]

  @Test("a field without a value is left out", arguments: optional)
  func optionalFields(metadata: Logger.Metadata, fields: String) throws {
    let line = format(metadata: metadata)
    #expect(line == "ts=2026-01-02T03:04:05.500+00:00 level=INFO \(fields)msg=RPC complete")
    #expect(ParsedLine(line) != nil)
  }

  private static let levels: [(level: Logger.Level, name: String)] = [
    (.trace, "DEBUG"), (.debug, "DEBUG"), (.info, "INFO"), (.notice, "INFO"), (.warning, "WARNING"),
    (.error, "ERROR"), (.critical, "CRITICAL"),
  ]

  @Test("levels have Python's names", arguments: levels)
  func levelName(level: Logger.Level, name: String) { #expect(ParsedLine(format(level: level))?.level == name) }

  @Test("the time is UTC, to the millisecond, and reads back", arguments: [0, 1_767_323_045.5, 1_782_864_000])
  func time(seconds: Double) throws {
    let line = DecisionLine.format(
      level: .info, message: "", metadata: [:], at: Date(timeIntervalSince1970: seconds))
    let text = try #require(ParsedLine(line)).timestamp
    #expect(text.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00/#) != nil)
    let plain = text.replacing("+00:00", with: "Z")
    let read = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(plain)
    #expect(abs(read.timeIntervalSince1970 - seconds) < 0.001)
  }

  private static let breaks = ["\n", "\r", "\r\n", "\u{2028}", "\u{2029}", "\n\n"]

  @Test("a message with a line break stays one line, and keeps its words", arguments: breaks)
  func messageBreak(mark: String) throws {
    let line = format("one\(mark)ts=2026 level=INFO forged\(mark)three")
    #expect(!line.holdsLineBreak)
    let message = try #require(ParsedLine(line)).message
    #expect(message.hasPrefix("one"))
    #expect(message.hasSuffix("three"))
  }

  @Test("a newline and a carriage return are written as \\n and \\r")
  func escapes() { #expect(ParsedLine(format("a\nb\r\nc"))?.message == #"a\nb\r\nc"#) }

  @Test("a line break in any field stays in its line", arguments: breaks)
  func fieldBreak(mark: String) {
    for key in ["scope", "method", "decision", "a"] {
      #expect(!format(metadata: [key: "x\(mark)y"]).holdsLineBreak, "\(key)")
    }
  }

  @Test("a message keeps quotes, blanks and letters of any script", arguments: ["say \"да\" = {1}", "🎉  two", ""])
  func message(text: String) { #expect(ParsedLine(format(text))?.message == text) }

  @Test("a secret in a message is masked")
  func secretInMessage() {
    #expect(ParsedLine(format("refused: api_key=hunter2"))?.message == "refused: api_key=****")
    #expect(ParsedLine(format("sent Bearer abcdefghijklmnop"))?.message == "sent Bearer ****")
    #expect(ParsedLine(format("hook whsec_0123456789abcdef"))?.message == "hook ****")
  }
}
