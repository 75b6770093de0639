import NexyCore
import NexyVoice
import Synchronization

// The promises about waiting and stopping.
extension SpeechEngineBehaviour {
  /// More than this cannot lie between an upstream and a listener who takes nothing: the buffers of both sockets and
  /// of both programs are smaller together (Linux lets a socket's grow to 32 MiB where memory is plenty).
  private static let mostBytesHeld = 48 << 20
  /// So often an upstream must be found where it was; one that goes on is found out long before.
  private static let looksAtStandstill = 60

  private struct Refusal: Error {}

  func waitsForEmit() async throws {
    // Several pieces, for an engine that gives a tenth of a second at a time as for one that gives half a second.
    let utterance = Utterance(text: String(repeating: "Nobody interrupts me. ", count: 20), language: .english)
    let bytes = wire(Self.sound(samples: 48_000))
    try await stage(.whole([bytes])) { stage in
      let begun = Counter()
      let taken = Counter()
      try await stage.engine.speak(utterance) { _ in
        try Self.expect(begun.add() == taken.value + 1, "a piece was given before the one before it was taken")
        for _ in 0..<20 { await Task.yield() }
        taken.add()
      }
      try Self.expect(taken.value > 1, "\(taken.value) pieces are too few to tell")
    }
  }

  func passesOnErrorsOfEmit() async throws {
    let sound = wire(Self.sound(samples: 48_000))
    try await stage(.endless(sound)) { stage in
      let calls = Counter()
      do {
        try await stage.engine.speak(Self.hello) { _ in
          calls.add()
          throw Refusal()
        }
        throw SpeechBehaviourFault("an error of emit was no error of the call")
      } catch is Refusal {}
      try Self.expect(calls.value == 1, "emit was called again after it had thrown")
      try await stage.ended()
    }
  }

  func stopsWhileEmitting() async throws {
    let sound = wire(Self.sound(samples: 48_000))
    try await stage(.endless(sound)) { stage in
      let begun = Gate()
      let never = Gate()
      try await Self.expectStop(of: stage, when: begun.wait) { _ in
        begun.open()
        try await never.wait()
      }
    }
  }

  func stopsBeforeTheFirstSound() async throws {
    try await stage(.standing([])) { stage in
      try await Self.expectStop(of: stage, when: { _ = try await stage.heardText() }) { _ in }
    }
  }

  func stopsInTheMiddle() async throws {
    let sound = wire(Self.sound(samples: 1000))
    try await stage(.standing(sound)) { stage in
      let begun = Gate()
      try await Self.expectStop(of: stage, when: begun.wait) { _ in begun.open() }
    }
  }

  func holdsTheUpstreamUp() async throws {
    let sound = wire(Self.sound(samples: 48_000))
    try await stage(.endless(sound)) { stage in
      let pieces = Counter()
      let full = Gate()
      let never = Gate()
      try await Self.expectStop(of: stage) {
        try await full.wait()
        // It goes on until it is held up, or for ever; one that stands still for long enough is held up.
        var sent = 0
        var looks = 0
        while looks < Self.looksAtStandstill, sent <= Self.mostBytesHeld {
          for _ in 0..<1000 { await Task.yield() }
          looks = stage.sentBytes() == sent ? looks + 1 : 0
          sent = stage.sentBytes()
        }
        try Self.expect(sent <= Self.mostBytesHeld, "the upstream was not held up by a listener who took nothing")
      } emit: { _ in
        guard pieces.add() == 3 else { return }
        full.open()
        try await never.wait()
      }
    }
  }

  /// Cancels the call at a moment, and expects that it ends as a cancelled one and that the upstream learns of it.
  private static func expectStop(
    of stage: Stage, when moment: @escaping @Sendable () async throws -> Void,
    emit: @escaping @Sendable ([Int16]) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await stage.engine.speak(hello, emit: emit) }
      group.addTask {
        try await moment()
        throw Moment()
      }
      // A call that ends by itself ends the waiting as well.
      do {
        try await group.next()
        throw SpeechBehaviourFault("the call ended before it was cancelled")
      } catch is Moment {}
      group.cancelAll()
      do {
        try await group.next()
      } catch is CancellationError {
        return
      }
      throw SpeechBehaviourFault("a cancelled call ended as if it were whole")
    }
    try await stage.ended()
  }

  /// The moment to cancel has come.
  private struct Moment: Error {}
}
