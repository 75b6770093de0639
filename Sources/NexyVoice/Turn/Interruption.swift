import NexyCore

/// The one way to stop a running turn from outside: a reason, given once.
package struct Interruption: Sendable {
  /// How long a terminal may wait for a client that does not read.
  private static let terminalLimit = Duration.seconds(5)

  private let reasons: AsyncStream<NexyError>
  private let continuation: AsyncStream<NexyError>.Continuation

  package init() {
    (reasons, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  /// Stops the turn; the first reason counts.
  package func trip(_ reason: NexyError) {
    continuation.yield(reason)
    continuation.finish()
  }

  /// Runs `work` under its limit, then sends the terminal from outside what was cancelled.
  ///
  /// - Parameter terminal: Sends the one last event; told what went wrong, or nil.
  /// - Returns: Why the turn failed; nil when it ended well.
  func ending(
    limit: Duration, clock: any Clock<Duration>, _ work: @escaping @Sendable () async throws -> Void,
    terminal: @escaping @Sendable (NexyError?) async throws -> Void
  ) async -> NexyError? {
    var failure: NexyError?
    do {
      try await guarding(limit: limit, clock: clock, work)
    } catch {
      failure = NexyError(turnError: error)
    }
    // A client that reads nothing does not even take a terminal.
    do {
      try await Interruption().guarding(limit: Self.terminalLimit, clock: clock) { [failure] in
        try await terminal(failure)
      }
    } catch {
      failure = failure ?? NexyError(turnError: error)
    }
    return failure
  }

  /// Runs `work` until it ends, the interruption trips or the time is over; what was running then is cancelled and
  /// awaited before the reason is thrown.
  func guarding<Result: Sendable>(
    limit: Duration, clock: any Clock<Duration>, _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask(operation: work)
      group.addTask {
        for await reason in reasons { throw reason }
        throw CancellationError()
      }
      group.addTask {
        try await clock.sleep(for: limit)
        throw NexyError(.turnTimedOut, "The answer took too long. Please try again.")
      }
      defer { group.cancelAll() }
      return try await group.next()!
    }
  }
}

extension NexyError {
  /// An interrupt that the client asked for.
  package static let interrupted = NexyError(.interrupted, "The turn was interrupted.")
  /// The client closed its stream or its connection.
  package static let clientLeft = NexyError(.clientLeft, "The client left.")
  /// The server stops and the grace period is over.
  package static let shuttingDown = NexyError(
    .shuttingDown, "The server is shutting down. Please try again in a moment.")
}

extension NexyError.Code {
  /// The client asked for it.
  package static let interrupted = Self("interrupted")
  /// The stream or its connection is gone.
  package static let clientLeft = Self("client_left")
  /// The server stops.
  package static let shuttingDown = Self("shutting_down")
  /// The turn took longer than its limit.
  package static let turnTimedOut = Self("turn_timed_out")
}
