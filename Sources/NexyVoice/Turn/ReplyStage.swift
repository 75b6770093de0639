import NexyCore
import Synchronization

/// The model's end of a turn: its deltas go in, segments go to the channel in the order they were written.
///
/// The assembly and the order of what is pushed change under one lock, because two tasks work here: the one that reads
/// the model, and the one that watches for its pauses.
final class ReplyStage: Sendable {
  private struct State {
    var assembly: ReplyAssembly
    var lastDelta: Duration = .zero
    /// The model has spoken and waits for room: the silence is the listener's.
    var isBlocked = false
  }

  private let state: Mutex<State>
  private let segments: BoundedChannel<Segment>
  private let watch: Stopwatch

  init(_ assembly: ReplyAssembly, segments: BoundedChannel<Segment>, clock: any Clock<Duration>) {
    state = Mutex(State(assembly: assembly))
    self.segments = segments
    watch = Stopwatch(clock)
  }

  /// How long the model has been silent; not at all while it waits for room.
  var quiet: Duration { state.withLock { $0.isBlocked ? .zero : watch.elapsed - $0.lastDelta } }

  func take(_ delta: ModelDelta) async throws {
    state.withLock { state in
      for segment in state.assembly.take(delta) { segments.push(segment) }
      state.isBlocked = true
    }
    try await segments.waitForRoom()
    state.withLock { state in
      state.lastDelta = watch.elapsed
      state.isBlocked = false
    }
  }

  func flushStalled() { push { $0.stall() } }

  /// The reply is over; what it still held goes out.
  func end() -> (command: ProposedCommand?, fault: ReplyReader.Fault?, hasSpoken: Bool) {
    state.withLock { state in
      let ending = state.assembly.end()
      for segment in ending.segments { segments.push(segment) }
      return (ending.command, ending.fault, state.assembly.hasSpoken)
    }
  }

  /// Says something of the server's own.
  func say(_ text: String) { segments.push(Segment(text: text, spoken: text)) }

  func finish() { segments.finish() }

  /// The reply ended too soon: what was finished goes out, and then why there is no more.
  ///
  /// - Parameter occasion: Nil is told by whether anything was said.
  func apologise(_ occasion: Apology.Occasion? = nil, in language: Language) {
    push { $0.stall() }
    let hasSpoken = state.withLock { $0.assembly.hasSpoken }
    let text = Apology.text(for: occasion ?? (hasSpoken ? .brokenOff : .noAnswer), in: language)
    say(hasSpoken ? " " + text : text)
  }

  /// The error comes after all that was given out.
  func fail(_ error: any Error) { segments.finish(throwing: error) }

  private func push(_ produce: (inout ReplyAssembly) -> [Segment]) {
    state.withLock { state in
      for segment in produce(&state.assembly) { segments.push(segment) }
    }
  }
}
