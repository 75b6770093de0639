import Dispatch
import Foundation
import Logging
import NexyCore
import NexyObservability
import ServiceLifecycle
import UnixSignals

/// SIGTERM and SIGINT: the first stops the server gracefully, the second at once.
struct StopSignals {
  /// How long a stop at once may take before the process ends itself.
  private static let limit = DispatchTimeInterval.seconds(2)

  let log: DecisionLog

  /// Runs the services until they end.
  ///
  /// - Throws: What a service threw, or `NexyError` with code `stoppedAtOnce` after a second signal.
  func run(_ group: ServiceGroup) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    try await withThrowingTaskGroup(of: Bool.self) { tasks in
      tasks.addTask {
        try await group.run()
        return true
      }
      tasks.addTask {
        var isStopping = false
        for await _ in signals {
          if isStopping { return false }
          isStopping = true
          await group.triggerGracefulShutdown()
        }
        return false
      }
      defer { tasks.cancelAll() }
      guard try await tasks.next() == false, !Task.isCancelled else { return }
      log.record(.stop, "Stopped at once by a second signal", scope: .server, level: .warning)
      // What does not even heed its cancellation must not hold the process.
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { Foundation.exit(1) }
      throw NexyError(.stoppedAtOnce, "The server was stopped at once by a second signal; running turns were cut.")
    }
  }
}

extension NexyError.Code {
  /// A second signal ended the server.
  static let stoppedAtOnce = Self("stopped_at_once")
}
