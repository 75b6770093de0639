import GRPCCore
import Logging
import NIOCore
import NIOHTTP2
import NexyCore
import NexyObservability
import NexyVoice

/// A failed RPC as its client and the log get it.
struct RPCFailure {
  let error: NexyError
  let row: ErrorTable.Row

  init(_ error: any Error) {
    if let error = error as? RPCError, ![.cancelled, .unavailable].contains(error.code) {
      // What the library finds wrong with a request has a status already.
      self.error = NexyError(NexyError.Code("grpc_\(error.code)"), error.message, cause: error.cause)
      row = ErrorTable.row(forStatus: error.code)
    } else {
      // A stream that breaks is a client that left.
      let isBroken = error is RPCError || error is NIOHTTP2Errors.StreamClosed || error is ChannelError
      self.error = isBroken ? .clientLeft : NexyError(turnError: error)
      row = ErrorTable.row(for: self.error.code)
    }
  }

  /// What the client gets.
  var rpcError: RPCError {
    var metadata: Metadata = [:]
    if let seconds = row.retryAfter { metadata.addString("\(seconds)", forKey: "retry-after") }
    return RPCError(code: row.status, message: error.message, metadata: metadata)
  }

  var decision: Decision { Decision(rawValue: row.verdict.rawValue) }

  /// For the last line of the RPC.
  var facts: Logger.Metadata {
    var facts: Logger.Metadata = [
      "error_type": "\(error.code)", "error_code": "\(row.statusName)",
      "error_classified": row.isTransient ? "transient" : "permanent",
    ]
    if let detail = error.fullDetail { facts["detail"] = "\(detail)" }
    return facts
  }
}
