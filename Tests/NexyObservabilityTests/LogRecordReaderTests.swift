import Foundation
import NexyCore
import Testing

@testable import NexyObservability

/// A record whose texts outlive its line.
struct ReadRecord: Equatable {
  var milliseconds: Int64
  var method: String
  var decision: String
  var duration: Int64?
  var activeStreams: Int64?
  var errorType: String
  var errorCode: String
  var errorClass: String

  init(_ line: String) throws(LogFault) { self = try Self.read(Array(line.utf8)) }

  static func read(_ bytes: [UInt8]) throws(LogFault) -> ReadRecord {
    let result: Result<ReadRecord, LogFault> = bytes.withUnsafeBytes { line in
      do throws(LogFault) {
        return .success(ReadRecord(try LogRecordReader.read(line)))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init(_ record: LogRecord) {
    milliseconds = record.milliseconds
    method = String(decoding: record.method, as: UTF8.self)
    decision = String(decoding: record.decision, as: UTF8.self)
    duration = record.duration
    activeStreams = record.activeStreams
    errorType = String(decoding: record.errorType, as: UTF8.self)
    errorCode = String(decoding: record.errorCode, as: UTF8.self)
    errorClass = String(decoding: record.errorClass, as: UTF8.self)
  }
}

@Suite("A log line is read, or it is said what is wrong with it")
struct LogRecordReaderTests {
  private static let head = "ts=2026-01-02T03:04:05.500+00:00 level=INFO scope=grpc"
  private static let jsonHead = #""ts":"2026-01-02T03:04:05.500Z","level":"INFO","scope":"grpc","msg":"x""#

  @Test("every field of a decision line is read")
  func decisionLine() throws {
    let record = try ReadRecord(
      Self.head + #" method=StreamAudio decision=error ctx={"active_streams": 3, "error_classified": "transient", "#
        + #""error_code": "UNAVAILABLE", "error_type": "gone"} dur_ms=17 msg=ctx={ dur_ms=5 decision=x"#)
    #expect(record.milliseconds == 1_767_323_045_500)
    #expect(record.method == "StreamAudio")
    #expect(record.decision == "error")
    #expect(record.duration == 17)
    #expect(record.activeStreams == 3)
    #expect([record.errorType, record.errorCode, record.errorClass] == ["gone", "UNAVAILABLE", "transient"])
  }

  @Test("members of a JSON line may stand in any order, with others between")
  func jsonLine() throws {
    let record = try ReadRecord(
      #" {"pid": 7, "dur_ms": 17, "ctx": {"error_code": "UNAVAILABLE"}, "more": [{"ts": "x"}], "#.dropFirst()
        + #""decision": "error", "method": "/a.B/StreamAudio", \#(Self.jsonHead)}"#)
    #expect(record.milliseconds == 1_767_323_045_500)
    #expect([record.method, record.decision, record.errorCode] == ["StreamAudio", "error", "UNAVAILABLE"])
    #expect(record.duration == 17)
  }

  private static let readableLines: [(rest: String, method: String, decision: String, duration: Int64?)] = [
    (" msg=", "", "", nil),
    (" method=M msg=x", "M", "", nil),
    (" decision=d msg=x", "", "d", nil),
    (" dur_ms=0 msg=x", "", "", 0),
    (" method=/streaming.StreamingService/StreamAudio decision=start msg=x", "StreamAudio", "start", nil),
    (" method=M decision=d ctx={} dur_ms=999999999999999999 msg=x", "M", "d", 999_999_999_999_999_999),
    (" method=M decision=d ctx={} dur_ms=1 msg=x\r", "M", "d", 1),
    (#" ctx={"a": "} dur_ms=9 msg="} dur_ms=1 msg=x"#, "", "", 1),
    (#" ctx={"a": "\"} msg=", "b": {"c": [1, {"d": "]"}]}} dur_ms=2 msg=x"#, "", "", 2),
    (
      #" ctx={"a":[],"b":{},"c":[[],{}],"d":-1.5e+3,"e":null,"f":true,"g":NaN,"h":-Infinity} dur_ms=3 msg=x"#, "", "", 3
    ),
    (#" ctx={"\u0041\n": "\\", "Привет": "🎉"} dur_ms=4 msg=x"#, "", "", 4),
    (" msg=dur_ms=5 \u{1}\u{7F}", "", "", nil),
  ]

  @Test("fields may be missing, and values hold what looks like fields", arguments: readableLines)
  func readable(rest: String, method: String, decision: String, duration: Int64?) throws {
    let record = try ReadRecord(Self.head + rest)
    #expect([record.method, record.decision] == [method, decision])
    #expect(record.duration == duration)
  }

  @Test("a context's member of another type is left out", arguments: ["null", "\"7\"", "7.5", "[7]", "7e3", "true"])
  func otherType(value: String) throws {
    let line = Self.head + #" ctx={"active_streams": \#(value), "error_code": 14, "error_type": null} msg=x"#
    let record = try ReadRecord(line)
    #expect(record.activeStreams == nil)
    #expect([record.errorCode, record.errorType] == ["", ""])
  }

  @Test("only members of the context itself count")
  func innerMember() throws {
    let record = try ReadRecord(Self.head + #" ctx={"a": {"error_code": "X", "active_streams": 4}} msg=x"#)
    #expect(record.errorCode == "")
    #expect(record.activeStreams == nil)
  }

  private static let malformedLines: [(line: String, fault: LogFault)] = [
    ("", .empty), ("\r", .empty), ("  \t", .empty),
    ("Traceback (most recent call last):", .foreign), (" " + head + " msg=x", .foreign),
    ("Jan 02 03:04:05 host nexy[7]: " + head + " msg=x", .foreign), ("\u{0}\u{0}\u{0}" + head, .foreign),
    ("ts=", .time), ("ts=now level=INFO scope=grpc msg=x", .time),
    ("ts=2026-01-02T03:04:05.500 level=INFO scope=grpc msg=x", .time),
    ("ts=2026-02-30T03:04:05Z level=INFO scope=grpc msg=x", .time),
    ("ts=2026-01-02T24:00:00Z level=INFO scope=grpc msg=x", .time),
    (head, .cut), (head + " method=Stre", .cut), (head + " method=M decision=start ms", .cut),
    ("ts=2026-01-02T03:04:05Z scope=grpc msg=x", .cut), (head + " dur_ms=5", .cut), (head + " ctx={}", .cut),
    (head + " decision=d method=M msg=x", .cut), (head + " dur_ms=1 ctx={} msg=x", .cut),
    (head + #" ctx={"a": 1 msg=x"#, .context), (head + #" ctx={"a": msg=x"#, .context),
    (head + #" ctx={"a": "msg=x"#, .context), (head + " ctx= msg=x", .context), (head + " ctx=[1] msg=x", .context),
    (head + #" ctx={"a" 1} msg=x"#, .context), (head + #" ctx={"a": 1,} msg=x"#, .context),
    (head + #" ctx={"a": 01} msg=x"#, .context), (head + #" ctx={"a": "\x"} msg=x"#, .context),
    (head + " ctx={\"a\": \"\u{1}\"} msg=x", .context), (head + #" ctx={"a": tru} msg=x"#, .context),
    (head + #" ctx={"a": [1}] msg=x"#, .context), (head + " ctx={}x msg=x", .context),
    (head + " ctx={\"a\": \(String(repeating: "[", count: 100_000)) msg=x", .context),
    (head + " dur_ms= msg=x", .duration), (head + " dur_ms=-1 msg=x", .duration),
    (head + " dur_ms=1.5 msg=x", .duration), (head + " dur_ms=9999999999999999999 msg=x", .duration),
    ("{}", .time), ("{\(jsonHead)", .object), ("{\(jsonHead)} x", .object), ("{\(jsonHead)}{\(jsonHead)}", .object),
    ("{\(jsonHead),\"ctx\":[]}", .context), ("{\(jsonHead),\"ctx\":{\"a\"}}", .context),
    ("{\(jsonHead),\"dur_ms\":\"5\"}", .duration), ("{\(jsonHead),\"dur_ms\":-5}", .duration),
    ("{\(jsonHead),\"method\":5}", .member), (#"{"ts":5}"#, .time), (#"{"ts":"2026-01-02T03:04:05Z"}"#, .cut),
  ]

  @Test("what is wrong with a line is told", arguments: malformedLines)
  func malformed(line: String, fault: LogFault) {
    #expect(throws: fault) { try ReadRecord(line) }
  }

  @Test("a line of ten megabytes is refused, one of a megabyte is read")
  func longLine() throws {
    let long = Self.head + " msg=" + String(repeating: "x", count: 10_000_000)
    #expect(throws: LogFault.tooLong) { try ReadRecord(long) }
    #expect(try ReadRecord(String(long.prefix(1 << 20))).duration == nil)
    #expect(throws: LogFault.tooLong) { try ReadRecord(String(long.prefix(1 << 20 + 1))) }
  }

  @Test("bytes that are no text break nothing")
  func binary() throws {
    #expect(throws: LogFault.foreign) { try ReadRecord.read([0xFF, 0xFE, 0x00, 0x80]) }
    let tail = Array(" method=M ctx={\"a\": \"".utf8) + [0xFF, 0xC0] + Array("\"} dur_ms=3 msg=".utf8) + [0x80, 0xFF]
    #expect(try ReadRecord.read(Array(Self.head.utf8) + tail).duration == 3)
  }

  @Test("no prefix of a line is read as more than it is")
  func prefixes() {
    let lines = [
      Self.head + #" method=M decision=error ctx={"a": {"b": [1, "\u0041"]}, "error_code": "X"} dur_ms=12 msg=x"#,
      #"{"a": {"b": [1, "\u0041"]}, "method": "M", "dur_ms": 12, \#(Self.jsonHead)}"#,
    ]
    for line in lines {
      for count in 0..<line.utf8.count - 1 {
        #expect(throws: LogFault.self) { try ReadRecord(String(line.prefix(count))) }
      }
    }
  }

  private static let times: [(text: String, milliseconds: Int64?)] = [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29T12:00:00+00:00", 951_825_600_000),
    ("2026-01-02T03:04:05.5Z", 1_767_323_045_500), ("2026-01-02T03:04:05.123456+00:00", 1_767_323_045_123),
    ("2026-01-02T06:04:05+03:00", 1_767_323_045_000), ("2026-01-01T21:34:05-05:30", 1_767_323_045_000),
    ("2026-12-31T23:59:60Z", 1_798_761_600_000), ("0000-03-01T00:00:00Z", -62_162_035_200_000),
    ("9999-12-31T23:59:59.999999999Z", 253_402_300_799_999),
    ("2026-01-02T03:04:05.Z", nil), ("2026-01-02T03:04:05.0123456789Z", nil), ("2026-01-02T03:04:05", nil),
    ("2026-01-02 03:04:05Z", nil), ("2026-01-02T03:04:05+0000", nil), ("2026-13-01T00:00:00Z", nil),
    ("2026-00-01T00:00:00Z", nil), ("2026-01-00T00:00:00Z", nil), ("1900-02-29T00:00:00Z", nil),
    ("2026-01-02T03:60:00Z", nil), ("2026-01-02T03:04:05Zx", nil), ("+026-01-02T03:04:05Z", nil), ("", nil),
  ]

  @Test("a time is read by its fixed places", arguments: times)
  func time(text: String, milliseconds: Int64?) {
    #expect(Array(text.utf8).withUnsafeBytes(LogTimestamp.milliseconds) == milliseconds)
  }

  @Test("the time that the log writes is the one that is read")
  func everyDay() {
    for day in stride(from: 0, to: 60_000, by: 7) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 45_296.789)
      let read = Array(DecisionLine.timestamp(date).utf8).withUnsafeBytes(LogTimestamp.milliseconds)
      #expect(read == Int64(day) * 86_400_000 + 45_296_789)
    }
  }
}
