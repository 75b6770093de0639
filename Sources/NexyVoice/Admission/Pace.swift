import NexyCore
import Synchronization

/// How fast one turn's messages may follow each other.
package struct Pace: Sendable, Equatable {
  /// Messages in any one second; 0 is no limit.
  package var messagesPerSecond: Int
  /// Lets sound go out as fast as it is played, whatever the limit: a preset never makes a listener wait.
  package var keepsUpWithSpeech: Bool

  package init(messagesPerSecond: Int, keepsUpWithSpeech: Bool) {
    self.messagesPerSecond = messagesPerSecond
    self.keepsUpWithSpeech = keepsUpWithSpeech
  }

  package static let unlimited = Pace(messagesPerSecond: 0, keepsUpWithSpeech: true)
}

/// Holds a turn's messages back until they are due; one task sends.
package final class Pacer: Sendable {
  /// How far ahead of its playing sound may be sent.
  private static let lead = Duration.seconds(2)

  private struct State {
    /// When the last messages went out, the oldest first: as many as a second may have.
    var sent: [Duration] = []
    /// When the client has played all that it got.
    var soundEnd = Duration.zero
  }

  private let pace: Pace
  private let clock: any Clock<Duration>
  private let watch: Stopwatch
  private let state = Mutex(State())

  package init(_ pace: Pace, clock: any Clock<Duration> = SharedClock()) {
    self.pace = pace
    self.clock = clock
    watch = Stopwatch(clock)
  }

  /// Whether anything is held back at all.
  package var isLimiting: Bool { pace.messagesPerSecond > 0 }

  /// Waits until the next message is due, and counts it as sent.
  ///
  /// - Parameter sound: How long the message plays; zero for anything but audio.
  package func wait(sound: Duration = .zero) async throws {
    guard isLimiting else { return }
    let rest = state.withLock { due($0, isSound: sound > .zero) } - watch.elapsed
    if rest > .zero { try await clock.sleep(for: rest) }
    let now = watch.elapsed
    state.withLock { state in
      if state.sent.count == pace.messagesPerSecond { state.sent.removeFirst() }
      state.sent.append(now)
      state.soundEnd = max(state.soundEnd, now) + sound
    }
  }

  private func due(_ state: State, isSound: Bool) -> Duration {
    guard state.sent.count == pace.messagesPerSecond else { return .zero }
    let allowed = state.sent[0] + .seconds(1)
    return isSound && pace.keepsUpWithSpeech ? min(allowed, state.soundEnd - Self.lead) : allowed
  }
}
