import NexyVoice

// What becomes of the connection when a turn ends or cannot take more.

extension LanguageModelBehaviour {
  private struct EmitError: Error {}

  static func closesWhenCancelled(_ stage: LanguageModelStage, inAnswer: Bool) async throws {
    let (reached, closed) = (Gate(), Gate())
    try await stage.serve { answer in
      if inAnswer {
        try await answer.begin(status: 200, headers: ["content-type": stage.streamType])
        try await answer.send(stage.pieces([.text("Half a ")])[0])
      } else {
        reached.open()
      }
      try await answer.waitForClose()
      closed.open()
    } _: { model in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do {
            try await model.reply(to: request) { _ in reached.open() }
          } catch is CancellationError { return }
          throw BehaviourFault("a cancelled reply went well")
        }
        try await reached.wait()
        group.cancelAll()
        try await group.waitForAll()
      }
      try await closed.wait()
    }
  }

  static func passesErrorOn(_ stage: LanguageModelStage) async throws {
    let closed = Gate()
    try await stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": stage.streamType])
      try await answer.send(stage.pieces([.text("Half a ")])[0])
      try await answer.waitForClose()
      closed.open()
    } _: { model in
      do {
        try await model.reply(to: request) { _ in throw EmitError() }
        throw BehaviourFault("the error of emit was lost")
      } catch is EmitError {}
      try await closed.wait()
    }
  }

  /// The upstream wants to send 128 MiB, and no system's buffers of one connection hold as much. That it cannot do so is
  /// seen by waiting: a wait that is too short lets a fault pass, and never makes one.
  static func stopsReading(_ stage: LanguageModelStage) async throws {
    let (blocked, allSent, closed, never) = (Gate(), Gate(), Gate(), Gate())
    let piece = stage.pieces([.text(String(repeating: "many words ", count: 6000))])[0]
    let pieces = 128 * (1 << 20) / piece.count
    try await stage.serve { answer in
      try await answer.begin(status: 200, headers: ["content-type": stage.streamType])
      do {
        for _ in 0..<pieces { try await answer.send(piece) }
        allSent.open()
      } catch {}
      try await answer.waitForClose()
      closed.open()
    } _: { model in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do {
            try await model.reply(to: request) { _ in
              blocked.open()
              try await never.wait()
            }
          } catch is CancellationError {}
        }
        try await blocked.wait()
        do {
          try await within("sending", limit: .milliseconds(500)) { try await allSent.wait() }
          throw BehaviourFault("it read on while emit was suspended")
        } catch is BehaviourTimeout {}
        group.cancelAll()
        try await group.waitForAll()
      }
      try await closed.wait()
    }
  }
}
