import GRPCCore
import NexyCore
import NexyVoice
import NexyWire

/// What each failure is on the wire, in the log and for a client; the one place that knows.
enum ErrorTable {
  /// Whose doing a failure is: the word after `decision=` in an RPC's last line.
  enum Verdict: String {
    /// The server's, or a provider's: counted against it.
    case error
    /// A turn that was let in was cut from outside.
    case abort
    /// The client went away; no error at all.
    case cancelled
    /// The request was not let in.
    case reject
  }

  struct Row {
    let status: RPCError.Code
    /// Whether the same request may succeed a little later.
    let isTransient: Bool
    let verdict: Verdict
    /// Seconds after which a client may try again, for the `retry-after` trailer.
    let retryAfter: Int?
    /// What the client may do.
    let advice: String

    var isFault: Bool { verdict == .error }
    var statusName: String { WireStatus.name(of: status) }
  }

  static func row(for code: NexyError.Code) -> Row { rows[code] ?? unlisted }

  /// A code that is not listed is a fault of the server's own.
  static let unlisted = Row(
    status: .internalError, isTransient: false, verdict: .error, retryAfter: nil,
    advice: "report it with the request_id of the log")

  /// For what the library finds wrong with a request's form: its status, but the client's doing, also where the library
  /// says INTERNAL.
  static func row(forStatus status: RPCError.Code) -> Row { refused(status, "correct the request") }

  static let rows: [NexyError.Code: Row] = [
    .badDevice: refused(.invalidArgument, "send the Mac's hardware UUID"),
    .badSession: refused(.invalidArgument, "send a new UUID of version 4"),
    .badPhase: refused(.invalidArgument, "send COLLECT, COMMIT or no phase"),
    .emptyPrompt: refused(.invalidArgument, "send what the user said"),
    .textTooLong: refused(.invalidArgument, "send a shorter text"),
    .imageTooLarge: refused(.invalidArgument, "send a smaller screenshot"),
    .requestTooLarge: refused(.resourceExhausted, "send a smaller request"),
    .tooManyUploads: busy("try again after retry-after"),
    .turnLimitReached: busy("try again after retry-after"),
    .sessionBusy: busy("wait for the running turn, or use a new session_id"),
    .deviceBusy: busy("wait for a running turn, or cancel it"),
    .rateLimitReached: busy("ask less often"),
    .tooManyWatchers: busy("use Check"),
    .unknownService: refused(.notFound, "ask for a service that server reflection names"),
    .switchedOff: refused(.unimplemented, "ask the operator to switch it on"),
    .interrupted: Row(
      status: .cancelled, isTransient: false, verdict: .abort, retryAfter: nil, advice: "nothing: it asked for it"),
    .clientLeft: Row(
      status: .cancelled, isTransient: false, verdict: .cancelled, retryAfter: nil, advice: "nothing: it has left"),
    .deadlinePassed: Row(
      status: .deadlineExceeded, isTransient: true, verdict: .cancelled, retryAfter: nil,
      advice: "ask again with a later deadline"),
    .shuttingDown: Row(
      status: .unavailable, isTransient: true, verdict: .abort, retryAfter: 5,
      advice: "connect anew after retry-after"),
    .turnIdle: Row(
      status: .deadlineExceeded, isTransient: true, verdict: .abort, retryAfter: nil,
      advice: "ask again, and read what comes"),
    .turnTimedOut: failed(.deadlineExceeded, "ask again"),
    .modelFailed: failed(.unavailable, "ask again"),
    .emptyReply: failed(.unavailable, "ask again"),
    .speechFailed: failed(.unavailable, "ask again, or show the text"),
    .turnFailed: unlisted,
  ]

  private static func refused(_ status: RPCError.Code, _ advice: String) -> Row {
    Row(status: status, isTransient: false, verdict: .reject, retryAfter: nil, advice: advice)
  }

  private static func busy(_ advice: String) -> Row {
    Row(status: .resourceExhausted, isTransient: true, verdict: .reject, retryAfter: 1, advice: advice)
  }

  private static func failed(_ status: RPCError.Code, _ advice: String) -> Row {
    Row(status: status, isTransient: true, verdict: .error, retryAfter: nil, advice: advice)
  }
}
