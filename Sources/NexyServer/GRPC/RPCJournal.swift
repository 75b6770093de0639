import GRPCCore
import Logging
import NexyCore
import NexyObservability
import NexyVoice

/// Writes what became of each RPC: one line when it starts, one when it ends.
struct RPCJournal: Sendable {
  let log: DecisionLog

  /// Runs an RPC's work between its two lines.
  ///
  /// - Returns: What `work` returned; its context joins the last line.
  /// - Throws: The gRPC status of what `work` threw.
  func record(
    _ method: String, _ context: Logger.Metadata, work: () async throws -> Outcome
  ) async throws {
    let start = ContinuousClock.now
    log.record(.start, "RPC started", scope: .grpc, method: method, context: context)
    let outcome: Outcome
    do {
      outcome = try await work()
    } catch {
      outcome = Outcome(failure: NexyError(turnError: error))
    }
    let duration = ContinuousClock.now - start
    let all = context.merging(outcome.context) { $1 }
    guard let failure = outcome.failure else {
      log.record(outcome.decision, "RPC complete", scope: .grpc, method: method, context: all, duration: duration)
      return
    }
    note(failure, method, all, duration)
    throw ErrorTable.rpcError(failure)
  }

  private func note(_ failure: NexyError, _ method: String, _ context: Logger.Metadata, _ duration: Duration) {
    let row = ErrorTable.row(for: failure.code)
    var context = context
    context["error_type"] = "\(failure.code)"
    context["error_code"] = "\(row.statusName)"
    context["error_classified"] = row.isTransient ? "transient" : "permanent"
    if let detail = failure.fullDetail { context["detail"] = "\(detail)" }
    let decision: Decision = row.isFault ? .error : row.endsRunningTurn ? .abort : .reject
    log.record(
      decision, failure.message, scope: .grpc, level: row.isFault ? .error : .info, method: method, context: context,
      duration: duration)
  }

  /// How an RPC ended.
  struct Outcome {
    var failure: NexyError?
    var decision = Decision.complete
    var context: Logger.Metadata = [:]
  }
}
