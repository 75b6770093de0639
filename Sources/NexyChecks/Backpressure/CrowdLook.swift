import NexyCore
import NexyWire

/// As many turns as the server lets in, and one more.
struct CrowdLook: Sendable {
  let run: CheckRun
  let limit: Int

  /// How long all turns may take to begin, and to end once they are let go.
  private static let patience = Duration.seconds(60)

  func look() async throws {
    var sizes = Array(
      repeating: BackpressureCheck.turnsPerConnection, count: limit / BackpressureCheck.turnsPerConnection)
    if limit % BackpressureCheck.turnsPerConnection > 0 { sizes.append(limit % BackpressureCheck.turnsPerConnection) }
    let turns = (0..<limit).map { _ in HeldTurn() }
    let replies = try await withThrowingTaskGroup(of: [HeardReply].self) { group in
      var first = 0
      for size in sizes {
        let mine = Array(turns[first..<first + size])
        first += size
        group.addTask { try await hold(mine) }
      }
      await everyone(turns)
      await surplus()
      for turn in turns { turn.release() }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    judge(replies)
    await afterwards()
  }

  /// Some turns on a connection of their own; what became of each.
  private func hold(_ turns: [HeldTurn]) async throws -> [HeardReply] {
    try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
      await withTaskGroup(of: HeardReply.self) { group in
        for turn in turns {
          group.addTask {
            do { return try await turn.reply(on: line, deadline: Self.patience * 2) } catch {
              return HeardReply(status: "no answer", message: "\(error)")
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
  }

  /// Waits until every turn speaks or is over.
  private func everyone(_ turns: [HeldTurn]) async {
    await run.look(.limitReached, expecting: "\(limit) turns", within: Self.patience) {
      for turn in turns { await turn.speaks() }
      let running = try await StatusPage.read(run).running
      return running == limit ? .good("\(running) turns") : .bad("\(running) turns of \(limit) run")
    }
  }

  private func surplus() async {
    let refused = Found<HeardReply>()
    await run.look(.surplusRefused, expecting: "error, RESOURCE_EXHAUSTED") {
      let reply = try await VoiceLine.with(run.target, patience: run.patience) {
        line in
        try await line.say(CheckRequests.turn(), limit: run.patience)
      }
      refused.set(reply)
      let isRight = reply.shape == "error" && reply.status == "RESOURCE_EXHAUSTED"
      return .of(TurnRules.endFaults(reply) + (isRight ? [] : [reply.told]), otherwise: reply.told)
    }
    guard let reply = refused.value, reply.status == "RESOURCE_EXHAUSTED" else {
      run.record(.surplusAdvice, expecting: "retry-after, seconds", .skipped("nothing was refused"))
      return
    }
    let advice = reply.trailers["retry-after"] ?? "no retry-after"
    run.record(
      .surplusAdvice, expecting: "retry-after, seconds",
      Int(advice).map { $0 > 0 } == true ? .good(advice) : .bad(advice))
  }

  private func judge(_ replies: [HeardReply]) {
    let ended = replies.filter { $0.end != nil && TurnRules.endFaults($0).isEmpty }
    let odd = replies.first { $0.end == nil || !TurnRules.endFaults($0).isEmpty }
    let told = "\(ended.count) of \(limit) ended well"
    run.record(
      .released, expecting: "\(limit) ended well",
      odd.map { .bad("\(told); one: \($0.told)") } ?? .good(told), latency: replies.map(\.duration).max())
  }

  private func afterwards() async {
    await run.look(.served, expecting: "a turn that ends well", within: SmokeCheck.longestTurn) {
      let reply = try await VoiceLine.with(run.target, patience: run.patience) { line in
        try await line.say(CheckRequests.turn(), limit: SmokeCheck.longestTurn)
      }
      return .of(TurnRules.endFaults(reply) + (reply.end == nil ? [reply.told] : []), otherwise: reply.told)
    }
    await run.look(.countBack, expecting: "0 running turns") {
      let began = ContinuousClock.now
      while true {
        let running = try await StatusPage.read(run).running
        if running == 0 { return .good("0 turns") }
        guard ContinuousClock.now - began < .seconds(2) else { return .bad("\(running) turns") }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}
