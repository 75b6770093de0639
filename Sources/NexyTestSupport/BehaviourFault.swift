/// What a behaviour suite found wrong.
package struct BehaviourFault: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What was waited for did not come.
package struct BehaviourTimeout: Error, CustomStringConvertible {
  package let description: String
}

/// Runs a check that must end: one that hangs fails after the limit instead of holding up the whole run.
///
/// - Throws: `BehaviourTimeout` after the limit, or what the work throws.
package func within<Value: Sendable>(
  _ what: String, limit: Duration = .seconds(60), _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    defer { group.cancelAll() }
    group.addTask(operation: work)
    group.addTask {
      try await Task.sleep(for: limit)
      throw BehaviourTimeout(description: "\(what): still not done after \(limit)")
    }
    guard let value = try await group.next() else { throw BehaviourFault("\(what): gave nothing") }
    return value
  }
}
