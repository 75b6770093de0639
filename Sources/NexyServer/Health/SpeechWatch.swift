import Logging
import NexyCore
import NexyObservability
import NexyVoice
import ServiceLifecycle
import Synchronization

/// Notices that no speech engine is left, and that it is back.
///
/// Once something had no sound, the engines are asked for a word of their own, again and again until one speaks: one
/// sentence may be at fault itself, and a server that gets no turns because it is not serving would never find out that
/// its engines are back.
package struct SpeechWatch: Service {
  private static let period = Duration.seconds(1)
  /// How long silent engines are left alone.
  private static let pause = Duration.seconds(5)
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
    clock: any Clock<Duration> = SharedClock()
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
      repeat { await look() } while (try? await clock.sleep(for: outcomes.isFailing ? Self.pause : Self.period)) != nil
    }
  }

  /// Looks once.
  func look() async {
    guard outcomes.isFailing else { return recovered() }
    if await speaks() {
      outcomes.note(succeeded: true)
      recovered()
    } else if health.note(.speech, "The speech engine \(synthesizer.name) gives no sound; no turn can be spoken.") {
      log.record(
        .degrade, "The speech engine gives no sound", scope: .server, level: .error,
        context: ["engine": "\(synthesizer.name)"])
    }
  }

  private func recovered() {
    if health.clear(.speech) { log.record(.recover, "The speech engine works again", scope: .server) }
  }

  private func speaks() async -> Bool {
    let spoken: Void? = try? await within(Self.limit, on: clock) { [synthesizer] in
      try await synthesizer.speak(Self.word) { _ in }
    }
    return spoken != nil
  }
}

/// How speech did lately.
package final class SpeechOutcomes: Sendable {
  private let failed: Atomic<Bool>

  /// - Parameter isMissing: Whether no engine was found at the start.
  package init(isMissing: Bool = false) { failed = Atomic(isMissing) }

  /// Whether the last thing that was to be said had no sound.
  var isFailing: Bool { failed.load(ordering: .relaxed) }

  func note(succeeded: Bool) { failed.store(!succeeded, ordering: .relaxed) }
}
