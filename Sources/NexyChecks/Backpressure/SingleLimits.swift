import NexyCore
import NexyWire

/// The limits of one device and of one session.
struct SingleLimits: Sendable {
  let run: CheckRun
  let status: StatusPage

  func look() async {
    let most = BackpressureCheck.mostTurns
    if let perDevice = status.turnsPerDevice, (1...most).contains(perDevice), perDevice < (status.turns ?? 0) {
      await run.lookHolding(
        .deviceLimit, expecting: "\(perDevice) turns, the next RESOURCE_EXHAUSTED", within: patience
      ) {
        let device = CheckRequests.device()
        return try await beyond(perDevice) { HeldTurn(device: device) }
      }
    } else {
      run.record(
        .deviceLimit, expecting: "a limit below that of the server", .skipped("/status tells none up to \(most)"))
    }
    await run.lookHolding(.sessionLimit, expecting: "one turn, the next RESOURCE_EXHAUSTED", within: patience) {
      let (device, session) = (CheckRequests.device(), CheckRequests.session())
      return try await beyond(1) { HeldTurn(device: device, session: session) }
    }
    await rate()
    await idle()
  }

  private var patience: Duration { SmokeCheck.longestTurn + run.patience }

  /// Holds turns until one is refused: that must be the one after the last that may run, give or take turns that got
  /// away (`CrowdLook.runaways`).
  private func beyond(_ limit: Int, _ next: @escaping @Sendable () -> HeldTurn) async throws -> Sight {
    _ = try? await StatusPage.afterOurs(run)
    return try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
      try await withThrowingTaskGroup(of: HeardReply.self) { group in
        var held: [HeldTurn] = []
        while held.count < limit + CrowdLook.runaways {
          try Task.checkCancellation()
          let turn = next()
          group.addTask { try await turn.reply(on: line, deadline: patience) }
          if let reply = await turn.speaks() {
            for turn in held { turn.leave() }
            try await group.waitForAll()
            let told = "\(held.count) turns, then \(reply.told)"
            return reply.status == "RESOURCE_EXHAUSTED" && held.count >= limit ? .good(told) : .bad(told)
          }
          held.append(turn)
        }
        for turn in held { turn.leave() }
        try await group.waitForAll()
        return .bad("\(held.count) turns and no refusal")
      }
    }
  }

  /// Pieces of a prompt cost a server next to nothing: they are what is sent too often.
  private func rate() async {
    let limit = status.requestsPerSecond ?? 0
    let expected = "a RESOURCE_EXHAUSTED"
    guard limit > 0, limit <= 2_000 else {
      run.record(.rateLimit, expecting: expected, .skipped("/status tells no rate, or one that is too high to reach"))
      return
    }
    await run.look(.rateLimit, expecting: expected, within: patience) {
      try await VoiceLine.with(run.target, patience: run.patience) { line in
        let (device, session) = (CheckRequests.device(), CheckRequests.session())
        let began = ContinuousClock.now
        // Two seconds' worth may come at once (docs/operating.md), and while they come more is allowed.
        let most = limit * 4
        var (sent, refused) = (0, 0)
        while sent < most, refused == 0 {
          let statuses = try await withThrowingTaskGroup(of: String.self) { group in
            for number in sent..<sent + 50 {
              let piece = CheckRequests.collect("a", number: Int32(number + 1), device: device, session: session)
              group.addTask { try await line.say(piece).status }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
          }
          sent += 50
          refused += statuses.count { $0 == "RESOURCE_EXHAUSTED" }
          if let odd = statuses.first(where: { $0 != "OK" && $0 != "RESOURCE_EXHAUSTED" }) {
            return .bad("a piece gets \(odd)")
          }
        }
        let seconds = (ContinuousClock.now - began).inSeconds
        let told = "\(sent) requests in \((ContinuousClock.now - began).told), \(refused) refused"
        if refused > 0 { return Double(sent) > Double(limit) ? .good(told) : .bad("too early: \(told)") }
        return Double(sent) < Double(limit) * (2 + seconds)
          ? .skipped("the line is too slow to ask too often: \(told)") : .bad(told)
      }
    }
  }

  private func idle() async {
    let expected = "DEADLINE_EXCEEDED"
    guard let seconds = status.idleSeconds, seconds > 0 else {
      return run.record(.idleLimit, expecting: expected, .skipped("/status tells none"))
    }
    guard .seconds(seconds) < run.patience * 2 else {
      return run.record(
        .idleLimit, expecting: expected, .skipped("the server waits \(Int(seconds)) s: give a longer --timeout"))
    }
    await run.lookHolding(.idleLimit, expecting: expected, within: .seconds(seconds) + patience) {
      _ = try? await StatusPage.afterOurs(run)
      return try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
        let turn = HeldTurn()
        return try await withThrowingTaskGroup(of: HeardReply.self) { group in
          group.addTask { try await turn.reply(on: line, deadline: .seconds(seconds) + patience) }
          if let over = await turn.speaks() { return .bad("it was over before it could wait: \(over.told)") }
          // The rule ends the turn, and its stream is reset five seconds later.
          try await Task.sleep(for: .seconds(seconds + 7))
          turn.release()
          guard let reply = try await group.next() else { return .bad("no reply") }
          return reply.end == nil ? .good(reply.told) : .bad("it goes on: \(reply.told)")
        }
      }
    }
  }
}
