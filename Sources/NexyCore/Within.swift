/// Runs `work` for as long as `limit` at most.
///
/// - Returns: nil when the time ran out; `work` was cancelled then, and has ended.
/// - Throws: What `work` throws; `CancellationError` when the task is cancelled.
package func within<Value: Sendable>(
  _ limit: Duration, on clock: any Clock<Duration> = SharedClock(),
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask(operation: work)
    group.addTask {
      try await clock.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
