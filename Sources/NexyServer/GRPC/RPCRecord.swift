import GRPCCore
import Logging
import NexyCore
import NexyObservability
import NexyVoice
import Synchronization

/// What is known of one RPC while it runs, so that it is told once, at its end.
final class RPCRecord: Sendable {
  /// The record of the RPC that the current task works for.
  @TaskLocal static var current: RPCRecord?

  private struct State {
    var hasStarted = false
    var hasEnded = false
    var context: Logger.Metadata
    var decision = Decision.complete
  }

  let method: String
  let metrics: ServerMetrics
  private let log: DecisionLog
  private let began = ContinuousClock.now
  /// When the client gives up by itself.
  private let deadline: ContinuousClock.Instant?
  private let state: Mutex<State>

  /// - Parameters:
  ///   - id: Stands in all lines of the RPC.
  ///   - timeout: The client's own, from the call's beginning.
  init(method: String, id: String, timeout: Duration? = nil, log: DecisionLog, metrics: ServerMetrics) {
    self.method = method
    deadline = timeout.map { ContinuousClock.now + $0 }
    self.log = log
    self.metrics = metrics
    state = Mutex(State(context: ["request_id": "\(id)"]))
  }

  /// gRPC does not even ask for the answer of a call whose stream is gone.
  deinit {
    if state.withLock({ $0.hasStarted && !$0.hasEnded }) { _ = fail(NexyError.clientLeft) }
  }

  /// Why gRPC cancelled the call now: the client's deadline has passed, or the client left.
  var reasonToCancel: NexyError {
    guard let deadline, ContinuousClock.now >= deadline else { return .clientLeft }
    return NexyError(.deadlinePassed, "The deadline that the client set has passed.")
  }

  /// The request has come and says this; follows at most once.
  func start(_ facts: Logger.Metadata = [:]) {
    let context = state.withLock { state -> Logger.Metadata? in
      guard !state.hasStarted else { return nil }
      state.hasStarted = true
      state.context.merge(facts) { $1 }
      return state.context
    }
    guard let context else { return }
    metrics.rpcStarted(method: method)
    log.record(.start, "RPC started", scope: .grpc, method: method, context: context)
  }

  /// Adds facts to the RPC's last line.
  func note(_ facts: Logger.Metadata) { state.withLock { $0.context.merge(facts) { $1 } } }

  /// What the last line says when the RPC ends well.
  func endsWell(as decision: Decision) { state.withLock { $0.decision = decision } }

  /// Writes a line of its own about the RPC.
  func tell(
    _ decision: Decision, _ message: String, level: Logger.Level = .info, _ facts: Logger.Metadata = [:]
  ) {
    let context = state.withLock { $0.context }.merging(facts) { $1 }
    log.record(decision, message, scope: .grpc, level: level, method: method, context: context)
  }

  /// The RPC ended well.
  func complete() {
    start()
    let (decision, context) = state.withLock { state in
      state.hasEnded = true
      return (state.decision, state.context)
    }
    let duration = ContinuousClock.now - began
    metrics.rpcEnded(method: method, status: "OK", isFault: false, duration: duration)
    log.record(decision, "RPC complete", scope: .grpc, method: method, context: context, duration: duration)
  }

  /// The RPC failed.
  ///
  /// - Returns: What the client gets.
  func fail(_ error: any Error) -> RPCError {
    start()
    let failure = RPCFailure(error)
    let duration = ContinuousClock.now - began
    metrics.rpcEnded(
      method: method, status: failure.row.statusName, isFault: failure.row.isFault, duration: duration)
    let context = state.withLock { state in
      state.hasEnded = true
      return state.context
    }.merging(failure.facts) { $1 }
    log.record(
      failure.decision, failure.error.message, scope: .grpc, level: failure.row.isFault ? .error : .info,
      method: method, context: context, duration: duration)
    return failure.rpcError
  }
}

extension NexyError.Code {
  /// The client's own deadline has passed.
  static let deadlinePassed = Self("client_deadline_passed")
}
