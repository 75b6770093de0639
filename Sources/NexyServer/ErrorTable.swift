import GRPCCore
import NexyCore
import NexyVoice

/// What each failure is on the wire and in the log; the one place that knows.
enum ErrorTable {
  struct Row {
    let status: RPCError.Code
    /// The status as operators' tools spell it, such as `INVALID_ARGUMENT`.
    var statusName: String {
      if status == .internalError { return "INTERNAL" }
      return String(describing: status).reduce(into: "") { name, letter in
        if letter.isUppercase { name += "_" }
        name += letter.uppercased()
      }
    }

    /// Whether the same request may succeed a little later.
    let isTransient: Bool
    /// Whether the server is to blame; what a client did or asked for is not counted against it.
    let isFault: Bool
    /// Whether it cuts a turn that was let in, and is no refusal.
    var endsRunningTurn: Bool { status == .cancelled || status == .unavailable }
  }

  /// A code that is not listed is a fault of the server's own.
  private static let rows: [NexyError.Code: Row] = [
    .badDevice: Row(status: .invalidArgument, isTransient: false, isFault: false),
    .badSession: Row(status: .invalidArgument, isTransient: false, isFault: false),
    .badPhase: Row(status: .invalidArgument, isTransient: false, isFault: false),
    .emptyPrompt: Row(status: .invalidArgument, isTransient: false, isFault: false),
    .textTooLong: Row(status: .invalidArgument, isTransient: false, isFault: false),
    .interrupted: Row(status: .cancelled, isTransient: false, isFault: false),
    .clientLeft: Row(status: .cancelled, isTransient: false, isFault: false),
    .shuttingDown: Row(status: .unavailable, isTransient: true, isFault: false),
    .turnTimedOut: Row(status: .deadlineExceeded, isTransient: true, isFault: true),
    .modelFailed: Row(status: .unavailable, isTransient: true, isFault: true),
    .emptyReply: Row(status: .unavailable, isTransient: true, isFault: true),
    .speechFailed: Row(status: .unavailable, isTransient: true, isFault: true),
  ]

  static func row(for code: NexyError.Code) -> Row {
    rows[code] ?? Row(status: .internalError, isTransient: false, isFault: true)
  }

  static func rpcError(_ error: NexyError) -> RPCError {
    RPCError(code: row(for: error.code).status, message: error.message)
  }
}
