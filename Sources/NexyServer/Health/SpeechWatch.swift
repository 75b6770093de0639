import Logging
import NexyCore
import NexyObservability
import NexyVoice
import ServiceLifecycle
import Synchronization

/// Notices that no speech engine is left, and that it is back.
///
/// After three failures in a row the engine is asked for a word of its own every few seconds, until it speaks: a server
/// that gets no turns because it is not serving would never find out otherwise.
package struct SpeechWatch: Service {
  private static let period = Duration.seconds(5)
  /// How long the word may take.
  private static let limit = Duration.seconds(10)
  private static let word = Utterance(text: "ready", language: .english)

  private let synthesizer: any SpeechSynthesizer
  private let outcomes: SpeechOutcomes
  private let health: ServerHealth
  private let log: DecisionLog
  private let clock: any Clock<Duration>

  package init(
    synthesizer: any SpeechSynthesizer, outcomes: SpeechOutcomes, health: ServerHealth, log: DecisionLog,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.synthesizer = synthesizer
    self.outcomes = outcomes
    self.health = health
    self.log = log
    self.clock = clock
  }

  /// Watches until a graceful shutdown, or until its task is cancelled.
  package func run() async {
    await cancelWhenGracefulShutdown {
      repeat { await look() } while (try? await clock.sleep(for: Self.period)) != nil
    }
  }

  /// Looks once.
  func look() async {
    guard outcomes.isFailing else {
      if health.clear(.speech) { log.record(.recover, "The speech engine works again", scope: .server) }
      return
    }
    if await speaks() {
      outcomes.note(succeeded: true)
      if health.clear(.speech) { log.record(.recover, "The speech engine works again", scope: .server) }
    } else if health.note(.speech, "The speech engine \(synthesizer.name) gives no sound; no turn can be spoken.") {
      log.record(
        .degrade, "The speech engine gives no sound", scope: .server, level: .error,
        context: ["engine": "\(synthesizer.name)"])
    }
  }

  private func speaks() async -> Bool {
    let spoken = try? await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { [synthesizer] in
        try await synthesizer.speak(Self.word) { _ in }
        return true
      }
      group.addTask { [clock] in
        try await clock.sleep(for: Self.limit)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
    return spoken ?? false
  }
}

/// How the speech engine did lately.
package final class SpeechOutcomes: Sendable {
  /// Failures in a row that mean more than bad luck.
  private static let limit = 3

  private let failures: Mutex<Int>

  /// - Parameter isMissing: Whether the engine is known to be missing from the start.
  package init(isMissing: Bool = false) { failures = Mutex(isMissing ? Self.limit : 0) }

  var isFailing: Bool { failures.withLock { $0 >= Self.limit } }

  func note(succeeded: Bool) { failures.withLock { $0 = succeeded ? 0 : min($0 + 1, Self.limit) } }
}
