import Foundation
import GRPCCore
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import Synchronization
import Testing

@testable import NexyServer

@Suite("Every call leaves a line when it starts and one when it ends")
struct RPCJournalTests {
  private static let failures: [(code: NexyError.Code, decision: String, status: String, kind: String)] = [
    (.badSession, "reject", "INVALID_ARGUMENT", "permanent"),
    (.emptyPrompt, "reject", "INVALID_ARGUMENT", "permanent"),
    (.interrupted, "abort", "CANCELLED", "permanent"),
    (.clientLeft, "cancelled", "CANCELLED", "permanent"),
    (.turnLimitReached, "reject", "RESOURCE_EXHAUSTED", "transient"),
    (.rateLimitReached, "reject", "RESOURCE_EXHAUSTED", "transient"),
    (.turnIdle, "abort", "DEADLINE_EXCEEDED", "transient"),
    (.shuttingDown, "abort", "UNAVAILABLE", "transient"),
    (.turnTimedOut, "error", "DEADLINE_EXCEEDED", "transient"),
    (.modelFailed, "error", "UNAVAILABLE", "transient"),
    (.turnFailed, "error", "INTERNAL", "permanent"),
  ]

  @Test("a failure's last line has the words that alerts look for", arguments: failures)
  func failure(code: NexyError.Code, decision: String, status: String, kind: String) throws {
    let lines = Lines()
    let record = Self.record(lines)
    record.start(["session_id": "s"])
    let error = record.fail(NexyError(code, "Try again.", detail: "why"))
    #expect(error.message == "Try again.")
    let written = lines.all
    #expect(written.count == 2)
    #expect(written[0].contains(" method=StreamAudio decision=start "))
    #expect(written[1].contains(" method=StreamAudio decision=\(decision) "))
    let context = try context(of: written[1])
    #expect(context["error_type"] == .string(code.rawValue))
    #expect(context["error_code"] == .string(status))
    #expect(context["error_classified"] == .string(kind))
    #expect(context["session_id"] == "s")
  }

  @Test("a call that ends well leaves start and complete, with its duration and facts")
  func complete() throws {
    let lines = Lines()
    let record = Self.record(lines)
    record.start(["session_id": "s"])
    record.start(["session_id": "again"])
    record.note(["segments": .stringConvertible(2)])
    record.complete()
    let written = lines.all
    #expect(written.count == 2)
    #expect(written[0].contains(" scope=grpc method=StreamAudio decision=start "))
    #expect(written[1].contains(" scope=grpc method=StreamAudio decision=complete "))
    #expect(written[1].contains(#/ dur_ms=\d+ msg=/#))
    #expect(try context(of: written[1]) == ["request_id": "r1", "segments": 2, "session_id": "s"])
  }

  @Test("a call that fails before it was read has both lines all the same")
  func unread() {
    let lines = Lines()
    let error = Self.record(lines).fail(RPCError(code: .invalidArgument, message: "no protobuf"))
    #expect(error.code == .invalidArgument)
    let words = lines.all.compactMap { $0.firstMatch(of: #/decision=(\w+)/#).map { String($0.1) } }
    #expect(words == ["start", "reject"])
  }

  @Test("one request id stands in all lines of a call")
  func requestID() throws {
    let lines = Lines()
    let record = Self.record(lines)
    record.start()
    record.tell(.streamAcquired, "Slot acquired")
    record.complete()
    let ids = try lines.all.map { try context(of: $0)["request_id"] }
    #expect(ids == ["r1", "r1", "r1"])
  }

  private static func record(_ lines: Lines) -> RPCRecord {
    RPCRecord(
      method: "StreamAudio", id: "r1", log: DecisionLog(level: .debug) { lines.add($0) }, metrics: ServerMetrics())
  }

  private func context(of line: String) throws -> [String: JSONValue] {
    let json = try #require(line.firstMatch(of: #/ ctx=(\{.*\}) (?:dur_ms|msg)=/#)).1
    return try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
  }
}

private final class Lines: Sendable {
  private let lines = Mutex([String]())
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
