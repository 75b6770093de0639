import NexyCore
import NexyWire

/// A turn that is interrupted while it speaks.
enum RunningTurn {
  /// The turn is held, so that it cannot end before the interrupt.
  static func interrupted(_ line: VoiceLine) async throws -> Sight {
    try await HTTP2Line.with(line.target, patience: line.patience, window: HeldTurn.window) { held in
      let turn = HeldTurn()
      return try await withThrowingTaskGroup(of: HeardReply.self) { group in
        group.addTask { try await turn.reply(on: held, deadline: .seconds(60)) }
        await turn.speaks()
        defer { turn.release() }
        let sessions = try await line.interrupt(turn.device).interruptedSessions
        turn.release()
        guard let reply = try await group.next() else { return .bad("no reply") }
        let told = "\(reply.told); sessions \(sessions.count)"
        if reply.end != nil, sessions.isEmpty { return .bad("the turn was over before it: \(told)") }
        let isRight = reply.status == "CANCELLED" && reply.error != nil && sessions == [turn.session]
        return isRight ? .good(told) : .bad(told)
      }
    }
  }
}
