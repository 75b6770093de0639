import NexyCore
import Synchronization

/// The one way to stop a running turn from outside: a reason, given once.
package final class Interruption: Sendable {
  /// How long a terminal may wait for a client that does not read.
  private static let terminalLimit = Duration.seconds(5)

  private let reasons: AsyncStream<NexyError>
  private let continuation: AsyncStream<NexyError>.Continuation
  private let tripped = Atomic(false)

  /// Whether a reason was given: what runs is ending.
  package var isTripped: Bool { tripped.load(ordering: .acquiring) }

  package init() {
    (reasons, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  /// Stops the turn; the first reason counts.
  package func trip(_ reason: NexyError) {
    tripped.store(true, ordering: .releasing)
    continuation.yield(reason)
    continuation.finish()
  }

  /// Runs `work`, then sends the terminal from outside what was cancelled.
  ///
  /// - Parameter terminal: Sends the one last event; told what went wrong, or nil.
  /// - Returns: Why the turn failed; nil when it ended well.
  func ending(
    clock: any Clock<Duration>, _ work: @escaping @Sendable () async throws -> Void,
    terminal: @escaping @Sendable (NexyError?) async throws -> Void
  ) async -> NexyError? {
    var failure: NexyError?
    do {
      try await guarding(work)
    } catch {
      failure = NexyError(turnError: error)
    }
    do {
      try await send(clock: clock) { [failure] in try await terminal(failure) }
    } catch {
      failure = failure ?? NexyError(turnError: error)
    }
    return failure
  }

  /// Runs `work` until it ends or the interruption trips; what was running then is cancelled and awaited before the
  /// reason is thrown.
  func guarding<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
      // Those who were let in come before those who knock.
      group.addTask(priority: .high, operation: work)
      group.addTask { [reasons] in
        for await reason in reasons { throw reason }
        throw CancellationError()
      }
      defer { group.cancelAll() }
      return try await group.next()!
    }
  }

  /// A client that reads nothing does not even take a terminal.
  private func send(clock: any Clock<Duration>, _ terminal: @escaping @Sendable () async throws -> Void) async throws {
    guard try await within(Self.terminalLimit, on: clock, terminal) != nil else { throw NexyError.clientLeft }
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
}
