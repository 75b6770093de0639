import Dispatch

/// Work that blocks its thread, as a task sees it.
enum BlockingWork {
  /// Runs work on a queue; a caller that is cancelled stops waiting at once, and the work goes on without it.
  static func run<Value: Sendable>(
    on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let handover = Handover<Value>()
    return try await withTaskCancellationHandler {
      queue.async { handover.bring(Result { try work() }) }
      return try await handover.wait()
    } onCancel: {
      handover.bring(.failure(CancellationError()))
    }
  }
}
