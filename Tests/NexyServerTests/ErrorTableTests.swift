import GRPCCore
import NexyCore
import NexyVoice
import Testing

@testable import NexyServer

@Suite("Every failure has one gRPC status")
struct ErrorTableTests {
  private static let rows: [(code: NexyError.Code, status: RPCError.Code)] = [
    (.badDevice, .invalidArgument), (.badSession, .invalidArgument), (.badPhase, .invalidArgument),
    (.emptyPrompt, .invalidArgument), (.textTooLong, .invalidArgument),
    (.interrupted, .cancelled), (.clientLeft, .cancelled),
    (.shuttingDown, .unavailable), (.modelFailed, .unavailable), (.speechFailed, .unavailable),
    (.turnTimedOut, .deadlineExceeded), (.turnIdle, .deadlineExceeded),
    (.turnLimitReached, .resourceExhausted), (.sessionBusy, .resourceExhausted), (.deviceBusy, .resourceExhausted),
    (.rateLimitReached, .resourceExhausted), (.imageTooLarge, .invalidArgument), (.switchedOff, .unimplemented),
    (.unknownService, .notFound), (.tooManyWatchers, .resourceExhausted),
    (.emptyReply, .unavailable), (.turnFailed, .internalError), (.fileNotWritten, .internalError),
    (.portBusy, .internalError), (NexyError.Code("nobody_knows_this"), .internalError),
  ]

  @Test("a code has its status", arguments: rows)
  func status(code: NexyError.Code, status: RPCError.Code) {
    #expect(ErrorTable.row(for: code).status == status)
    #expect(RPCFailure(NexyError(code, "x")).rpcError.code == status)
  }

  private static let names: [(code: NexyError.Code, name: String)] = [
    (.badDevice, "invalid_hardware_id"), (.badSession, "missing_session_id"), (.emptyPrompt, "empty_prompt"),
    (.interrupted, "interrupted"), (.turnLimitReached, "stream_limit_exceeded"), (.sessionBusy, "concurrent_request"),
    (.deviceBusy, "concurrent_hardware_id"), (.rateLimitReached, "rate_limit_exceeded"),
    (.turnIdle, "stream_idle_timeout"),
  ]

  @Test("a code has the name that logs had before", arguments: names)
  func name(code: NexyError.Code, name: String) { #expect(code.rawValue == name) }

  @Test("a client is told the message, never the detail or the cause")
  func message() {
    let cause = NexyError(.fileNotWritten, "the disk's words")
    let error = RPCFailure(NexyError(.modelFailed, "Please try again.", detail: "internals", cause: cause)).rpcError
    #expect(error.message == "Please try again.")
    #expect(error.cause == nil)
    #expect(!"\(error)".contains("internals"))
  }

  @Test("only what may pass by itself is transient", arguments: rows)
  func transient(code: NexyError.Code, status: RPCError.Code) {
    let transient: Set<RPCError.Code> = [.unavailable, .deadlineExceeded, .resourceExhausted, .aborted]
    #expect(ErrorTable.row(for: code).isTransient == transient.contains(status))
  }

  @Test("who is refused for want of room is told when to come back")
  func retryAfter() {
    for code in [NexyError.Code.turnLimitReached, .sessionBusy, .deviceBusy, .rateLimitReached, .shuttingDown] {
      let error = RPCFailure(NexyError(code, "x")).rpcError
      #expect(error.metadata[stringValues: "retry-after"].compactMap { Int($0) }.count == 1)
    }
    #expect(RPCFailure(NexyError(.emptyPrompt, "x")).rpcError.metadata.isEmpty)
  }

  @Test("every row says what a client may do")
  func advice() {
    #expect(ErrorTable.rows.filter { $0.value.advice.isEmpty }.isEmpty)
  }

  @Test("what a client did is no fault of the server", arguments: rows)
  func fault(code: NexyError.Code, status: RPCError.Code) {
    let blameless: Set<RPCError.Code> = [.invalidArgument, .cancelled, .resourceExhausted, .notFound, .unimplemented]
    if blameless.contains(status) { #expect(!ErrorTable.row(for: code).isFault) }
    if status == .internalError { #expect(ErrorTable.row(for: code).isFault) }
  }
}
