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
    (.clientLeft, "abort", "CANCELLED", "permanent"),
    (.turnTimedOut, "error", "DEADLINE_EXCEEDED", "transient"),
    (.modelFailed, "error", "UNAVAILABLE", "transient"),
    (.turnFailed, "error", "INTERNAL", "permanent"),
  ]

  @Test("a failure's last line has the words that alerts look for", arguments: failures)
  func failure(code: NexyError.Code, decision: String, status: String, kind: String) async throws {
    let lines = Mutex([String]())
    let log = DecisionLog(level: .debug) { line in lines.withLock { $0.append(line) } }
    let error = await #expect(throws: RPCError.self) {
      try await RPCJournal(log: log).record("StreamAudio", ["session_id": "s"]) {
        throw NexyError(code, "Try again.", detail: "why")
      }
    }
    #expect(error?.message == "Try again.")
    let written = lines.withLock { $0 }
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
  func complete() async throws {
    let lines = Mutex([String]())
    let log = DecisionLog(level: .debug) { line in lines.withLock { $0.append(line) } }
    try await RPCJournal(log: log).record("StreamAudio", ["session_id": "s"]) {
      RPCJournal.Outcome(context: ["segments": .stringConvertible(2)])
    }
    let written = lines.withLock { $0 }
    #expect(written.count == 2)
    #expect(written[0].contains(" scope=grpc method=StreamAudio decision=start "))
    #expect(written[1].contains(" scope=grpc method=StreamAudio decision=complete "))
    #expect(written[1].contains(#/ dur_ms=\d+ msg=/#))
    #expect(try context(of: written[1]) == ["segments": 2, "session_id": "s"])
  }

  private func context(of line: String) throws -> [String: JSONValue] {
    let json = try #require(line.firstMatch(of: #/ ctx=(\{.*\}) (?:dur_ms|msg)=/#)).1
    return try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
  }
}
