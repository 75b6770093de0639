import NexyCore

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
  guard let value = try await within(limit, work) else {
    throw BehaviourTimeout(description: "\(what): still not done after \(limit)")
  }
  return value
}
