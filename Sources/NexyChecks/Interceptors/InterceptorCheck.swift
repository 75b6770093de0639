import GRPCCore
import NexyCore
import NexyWire
import SwiftProtobuf

/// What stands around every call: deadlines, cancels, refusals of what is no call at all, and the log.
enum InterceptorCheck {
  /// Bytes of a request that are refused (docs/operating.md, "Limits").
  static let largestRequest = 16 << 20
  /// A turn that nobody reads is reset five seconds after its deadline (docs/operating.md, "Limits").
  static let slotReturns = Duration.seconds(9)

  static func look(_ run: CheckRun, _ settings: CheckSettings) async throws {
    let log = LogLook(run: run, path: settings.logPath)
    await forms(run)
    await deadline(run)
    try await oversized(run)
    await slots(run)
    await unavailable(run)
    try await VoiceLine.with(run.target, patience: run.patience) { line in
      let spoken = CheckRequests.device()
      await run.look(.afterwards, expecting: "a turn that ends well", within: SmokeCheck.longestTurn) {
        let reply = try await line.say(CheckRequests.turn(device: spoken), limit: SmokeCheck.longestTurn)
        return TurnRules.ended(reply)
      }
      let refused = CheckRequests.device()
      _ = try? await line.say(CheckRequests.turn(" ", device: refused))
      await log.look(spoken: spoken, refused: refused)
    }
  }

  private static func forms(_ run: CheckRun) async {
    @Sendable func post(_ path: String, _ fields: [(String, String)], _ body: [UInt8]) async throws -> RawAnswer {
      try await HTTP2Line.with(run.target, patience: run.patience) { line in
        try await bounded(run.patience) { try await line.answer(to: line.post(path, fields, body: body)) }
      }
    }
    let grpc = GRPCMessage.fields
    await run.look(.unknownMethod, expecting: "grpc-status 12") {
      let answer = try await post("/streaming.StreamingService/NexyCheck", grpc, [0, 0, 0, 0, 0])
      return answer.grpcStatus == 12 ? .good(answer.told) : .bad(answer.told)
    }
    await run.look(.contentType, expecting: "HTTP 415, or the stream is reset") {
      let answer = try await post(
        GRPCMessage.streamAudio, [("content-type", "text/plain"), ("te", "trailers")], Array("hello".utf8))
      return answer.httpStatus == 415 || answer.httpStatus == nil && answer.isReset
        ? .good(answer.told) : .bad(answer.told)
    }
    await run.look(.malformed, expecting: "a grpc-status that is not OK, or the stream is reset") {
      let answer = try await post(GRPCMessage.streamAudio, grpc, [0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff])
      let isRefused = (answer.grpcStatus.map { $0 != 0 } ?? false) || answer.isReset
      return isRefused ? .good(answer.told) : .bad(answer.told)
    }
  }

  /// A turn that is held beyond its deadline: it must not go on when it is read again.
  private static func deadline(_ run: CheckRun) async {
    let deadline = Duration.milliseconds(500)
    await run.lookHolding(.deadlineKept, expecting: "DEADLINE_EXCEEDED, or the stream is reset") {
      try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
        let turn = HeldTurn()
        return try await withThrowingTaskGroup(of: HeardReply.self) { group in
          group.addTask { try await turn.reply(on: line, deadline: deadline) }
          await turn.speaks()
          try await Task.sleep(for: deadline + .milliseconds(250))
          turn.release()
          guard let reply = try await group.next() else { return .bad("no reply") }
          return isPastDeadline(reply) ? .good(reply.told) : .bad(reply.told)
        }
      }
    }
  }

  private static func oversized(_ run: CheckRun) async throws {
    try await VoiceLine.with(run.target, patience: run.patience) { line in
      await run.look(.oversized, expecting: "RESOURCE_EXHAUSTED", within: SmokeCheck.longestTurn) {
        let prompt = String(repeating: "a", count: largestRequest + 1024)
        let reply = try await line.say(CheckRequests.turn(prompt), limit: SmokeCheck.longestTurn)
        return reply.status == "RESOURCE_EXHAUSTED" ? .good(reply.told) : .bad(reply.told)
      }
    }
  }

  /// Whether a turn that is over for its client is over for the server.
  private static func slots(_ run: CheckRun) async {
    let rows: [(CheckPoint, Bool)] = [(.deadlineFrees, true), (.cancelFrees, false)]
    for (point, hasDeadline) in rows {
      await run.lookHolding(point, expecting: "as many running turns as before", within: run.patience + slotReturns * 2)
      {
        let before = try await StatusPage.afterOurs(run).running
        if before > 0 { return .skipped("\(before) turns of others run: look when nobody speaks") }
        try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
          try await abandon(line, byDeadline: hasDeadline, run)
        }
        return try await StatusPage.idle(run, within: slotReturns)
      }
    }
  }

  /// A turn that is given up: by its deadline, whether it spoke before or not, or by leaving when it speaks.
  private static func abandon(_ line: HTTP2Line, byDeadline: Bool, _ run: CheckRun) async throws {
    let (turn, began) = (HeldTurn(), ContinuousClock.now)
    let deadline = Duration.seconds(byDeadline ? 1 : 60)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await turn.reply(on: line, deadline: deadline) }
      let over = await turn.speaks()
      let running = try await StatusPage.read(run).running
      let isLate = byDeadline && ContinuousClock.now - began >= deadline
      if let over, !(isLate && isPastDeadline(over)) {
        throw NexyError(.noAnswer, "the turn was over before it could be given up: \(over.told)")
      }
      if running == 0, !isLate { throw NexyError(.noAnswer, "/status does not count a turn that runs") }
      if byDeadline { try? await Task.sleep(for: deadline) } else { group.cancelAll() }
      turn.release()
      try? await group.waitForAll()
    }
  }

  /// Whether a turn ended as a deadline ends it: by its status, or by a reset where nobody read that.
  private static func isPastDeadline(_ reply: HeardReply) -> Bool {
    ["DEADLINE_EXCEEDED", "CANCELLED"].contains(reply.status)
  }

  private static func unavailable(_ run: CheckRun) async {
    await run.look(.unavailable, expecting: "UNAVAILABLE", within: run.patience * 2) {
      // Port 1 (tcpmux) is nobody's.
      let nobody = run.target.at(port: 1)
      let reply = try await VoiceLine.with(nobody, patience: run.patience) { line in
        try await line.say(CheckRequests.turn(), limit: run.patience)
      }
      switch reply.status {
      case "UNAVAILABLE": return .good(reply.status)
      // A firewall that answers nothing at all is no fault of the server.
      case "DEADLINE_EXCEEDED": return .skipped("nobody refuses a connection to port \(nobody.voice.port): a firewall")
      default: return .bad(reply.told)
      }
    }
  }
}

extension CheckTarget {
  fileprivate func at(port: Int) -> CheckTarget {
    CheckTarget(
      host: host, voice: Listener(port: port, isSecure: false), health: health, updates: updates, trust: trust,
      certificate: nil, refusal: nil)
  }
}
