/// The right to do something alone, for a while: a lock whose file says who holds it, where, and until when.
///
/// A holder that ends, even by a crash, never blocks others for longer than its term; on the same machine, a holder
/// whose process is gone blocks nobody. (Processes that share a folder on one machine must see each other's process
/// identifiers. One that was given to another process meanwhile costs at most the rest of the term.)
package struct FileLease: Sendable {
  /// No lease is given for longer at once; it is renewed while its holder works.
  package static let longestTerm = Duration.seconds(600)
  private static let shortestTerm = Duration.seconds(1)

  private let file: LeaseFile
  private let token: String
  private let term: Duration
  private let surroundings: LeaseSurroundings

  /// Holds the lease while `body` runs, renews it in time, and gives it back.
  ///
  /// When the lease is lost under way, `body` is cancelled.
  /// - Parameters:
  ///   - owner: what the holder does, for whoever has to wait, such as `nexy updates manifest set`.
  ///   - term: how long others wait when this process is stopped without a word; 1 s to 10 min.
  ///   - patience: how long to wait for another holder.
  /// - Throws: `NexyError` with code `leaseHeld`, `leaseLost` or `leaseNotTaken`; what `body` throws.
  package static func withLease<Value: Sendable>(
    at path: String, owner: String, term: Duration = .seconds(60), waitingAtMost patience: Duration = .zero,
    in surroundings: LeaseSurroundings = .system, _ body: @escaping @Sendable (FileLease) async throws -> Value
  ) async throws -> Value {
    let lease = FileLease(
      file: LeaseFile(path: path), token: "\(UInt64.random(in: 0 ... .max))",
      term: min(max(term, shortestTerm), longestTerm), surroundings: surroundings)
    try await lease.take(owner: owner, patience: patience)
    let value: Value
    do { value = try await lease.kept(during: body) } catch {
      // The work's failure is the one to tell; a lease that cannot be given back expires by itself.
      try? lease.giveBack()
      throw error
    }
    try lease.giveBack()
    return value
  }

  /// Makes sure that the lease is still held, before a step that cannot be taken back; the step itself should be short.
  /// - Throws: `NexyError` with code `leaseLost`.
  package func confirm() throws {
    try file.transition { standing in
      let record = try own(standing)
      guard now < record.expires else { throw Self.lost(file.path) }
      return (.none, ())
    }
  }

  // MARK: - Taking

  private func take(owner: String, patience: Duration) async throws {
    var (waited, pause) = (Duration.zero, Duration.milliseconds(10))
    while true {
      do { return try takeOnce(owner: owner) } catch let error as NexyError where error.code == .leaseHeld {
        guard waited < patience else { throw error }
      }
      pause = min(pause, patience - waited)
      try await surroundings.clock.sleep(for: pause)
      waited += pause
      pause = min(pause * 2, .milliseconds(250))
    }
  }

  private func takeOnce(owner: String) throws {
    try file.transition { standing in
      if let refusal = LeaseSight(standing, in: surroundings).refusal(of: file.path) { throw refusal }
      let record = LeaseRecord(
        owner: owner, process: surroundings.process, host: surroundings.host, since: now,
        expires: now + term.wholeMilliseconds, token: token)
      return (.write(record), ())
    }
  }

  // MARK: - Holding

  private func kept<Value: Sendable>(
    during body: @escaping @Sendable (FileLease) async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body(self) }
      group.addTask {
        try await renew()
        return nil
      }
      defer { group.cancelAll() }
      // Renewal ends only when this task is cancelled; then the body tells what came of that.
      for try await case let value? in group { return value }
      throw CancellationError()
    }
  }

  /// Puts the end off again and again until the task is cancelled.
  private func renew() async throws {
    while true {
      do { try await surroundings.clock.sleep(for: term / 3) } catch { return }
      try file.transition { standing in
        var record = try own(standing)
        record.expires = now + term.wholeMilliseconds
        return (.write(record), ())
      }
    }
  }

  private func giveBack() throws {
    try file.transition { standing in
      _ = try own(standing)
      return (.clear, ())
    }
  }

  /// The record, when it is this holder's.
  private func own(_ standing: LeaseFile.Standing) throws -> LeaseRecord {
    guard case .held(let record) = standing, record.token == token else { throw Self.lost(file.path) }
    return record
  }

  private var now: Int64 { surroundings.wallTime() }
}
