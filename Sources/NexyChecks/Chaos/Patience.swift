import NexyCore

/// Waits for what tells nobody when it comes.
enum Patience {
  private static let interval = Duration.milliseconds(25)

  /// - Parameter what: What is so while it has not come.
  /// - Throws: `NexyError` with code `tookTooLong`; what `look` throws.
  static func until<Value: Sendable>(
    _ limit: Duration, what: String, _ look: () async throws -> Value?
  ) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
      if let value = try await look() { return value }
      guard ContinuousClock.now < end else { throw NexyError(.tookTooLong, "\(what) after \(limit.told)") }
      try await Task.sleep(for: interval)
    }
  }

  /// The same for what is either so or not.
  static func until(_ limit: Duration, what: String, _ isSo: () async throws -> Bool) async throws {
    _ = try await until(limit, what: what) { () -> Bool? in try await isSo() ? true : nil }
  }
}
