import NexyCore
import NexyWire

/// As many turns as the server lets in, and one more.
struct CrowdLook: Sendable {
  let run: CheckRun
  let limit: Int
  /// Turns that may begin at the same time.
  let pace: Int

  /// How long all turns may take to begin.
  private static let patience = Duration.seconds(60)
  /// What the server is told that a turn may take: a server that paces its sound plays all of the recital to a listener.
  private static let deadline = Duration.seconds(300)
  /// The first turn and the last are heard to their end; the others leave, so that a check costs little speech.
  private var listeners: Set<Int> { [0, limit - 1] }
  /// Turns that may get away: a server that is quick with its speech and slow to notice that nobody reads may have sent
  /// all of it.
  static let runaways = 10

  func look() async throws {
    let crowd = (0..<limit).map { _ in HeldTurn() }
    let replies = try await withThrowingTaskGroup(of: [HeardReply].self) { group in
      let isFull = await fill(crowd) { turns in group.addTask { try await hold(turns) } }
      let refused = try await surplus { turn in group.addTask { try await hold([turn]) } }
      judge(refused)
      for (index, turn) in crowd.enumerated() {
        if isFull, listeners.contains(index) { turn.release() } else { turn.leave() }
      }
      refused.others.forEach { $0.leave() }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    judge(replies)
    await afterwards()
    await again()
  }

  /// A slot that leaked is missed only when all are wanted again.
  private func again() async {
    await run.look(.servedAgain, expecting: "\(limit) turns, none refused", within: Self.patience) {
      let crowd = (0..<limit).map { _ in HeldTurn() }
      let replies = try await withThrowingTaskGroup(of: [HeardReply].self) { group in
        _ = await fill(crowd) { turns in group.addTask { try await hold(turns) } }
        for turn in crowd { turn.leave() }
        return try await group.reduce(into: [HeardReply]()) { $0 += $1 }
      }
      let refused = replies.filter { $0.status == "RESOURCE_EXHAUSTED" }
      return refused.isEmpty ? .good("\(limit) turns") : .bad("\(refused.count) of \(limit) are refused")
    }
  }

  /// Begins all turns, some on each connection, and waits until every one speaks or is over.
  ///
  /// - Returns: Whether they did in time.
  private func fill(_ crowd: [HeldTurn], _ begin: ([HeldTurn]) -> Void) async -> Bool {
    let end = ContinuousClock.now + Self.patience
    func wait(for turns: [HeldTurn]) async {
      for turn in turns { _ = try? await bounded(end - .now) { await turn.speaks() } }
    }
    var first = 0
    while first < limit {
      let turns = Array(crowd[first..<min(first + BackpressureCheck.turnsPerConnection, limit)])
      first += turns.count
      begin(turns)
      if pace < limit { await wait(for: turns) }
    }
    await wait(for: crowd)
    return ContinuousClock.now < end
  }

  /// Some turns on a connection of their own; what became of each.
  private func hold(_ turns: [HeldTurn]) async throws -> [HeardReply] {
    defer { for turn in turns { turn.giveUp() } }
    return try await HTTP2Line.with(run.target, patience: run.patience, window: HeldTurn.window) { line in
      await withTaskGroup(of: HeardReply.self) { group in
        for (index, turn) in turns.enumerated() {
          if index >= pace { await turns[index - pace].speaks() }
          group.addTask {
            do { return try await turn.reply(on: line, deadline: Self.deadline) } catch { return .none(error) }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
  }

  /// What the server did when all its slots should have been taken.
  private struct Surplus: Sendable {
    /// Turns that ran before the refusal, as /status counts them.
    var running = 0
    var reply: HeardReply?
    var latency = Duration.zero
    /// Turns that were asked for: all but the last were let in because others had got away.
    var others: [HeldTurn] = []
  }

  /// Asks for one turn more until one is refused.
  private func surplus(_ begin: (HeldTurn) -> Void) async throws -> Surplus {
    var surplus = Surplus()
    for _ in 0...Self.runaways {
      surplus.running = try await StatusPage.read(run).running
      if surplus.running > limit { return surplus }
      let (turn, began) = (HeldTurn(), ContinuousClock.now)
      begin(turn)
      surplus.others.append(turn)
      do { surplus.reply = try await bounded(run.patience) { await turn.speaks() } } catch {
        surplus.reply = .none(NexyError(.tookTooLong, "neither served nor refused within \(run.patience.told)"))
      }
      surplus.latency = ContinuousClock.now - began
      if surplus.reply != nil { return surplus }
    }
    surplus.running = try await StatusPage.read(run).running
    return surplus
  }

  private func judge(_ surplus: Surplus) {
    let running = "\(surplus.running) turns"
    run.record(.limitReached, expecting: "\(limit) turns", surplus.running == limit ? .good(running) : .bad(running))
    let expected = "error, RESOURCE_EXHAUSTED"
    guard let reply = surplus.reply else {
      run.record(.surplusRefused, expecting: expected, .bad("\(running) run and nothing is refused"))
      run.record(.surplusAdvice, expecting: "retry-after, seconds", .skipped("nothing was refused"))
      return
    }
    run.record(
      .surplusRefused, expecting: expected, TurnRules.refused(reply, as: "RESOURCE_EXHAUSTED"), latency: surplus.latency
    )
    let advice = reply.trailers["retry-after"] ?? "no retry-after"
    run.record(
      .surplusAdvice, expecting: "retry-after, seconds", (Int(advice) ?? 0) > 0 ? .good(advice) : .bad(advice))
  }

  private func judge(_ replies: [HeardReply]) {
    let listeners = listeners.count
    let ended = replies.filter { $0.end != nil && TurnRules.endFaults($0).isEmpty }
    let odd = replies.first { ![HeldTurn.left, "RESOURCE_EXHAUSTED"].contains($0.status) && $0.end == nil }
    let told = "\(ended.count) ended well"
    run.record(
      .released, expecting: "\(listeners) ended well",
      ended.count < listeners || odd != nil ? .bad("\(told); one: \(odd?.told ?? "none is odd")") : .good(told),
      latency: ended.map(\.duration).max())
  }

  private func afterwards() async {
    await run.look(.served, expecting: "a turn that ends well", within: SmokeCheck.longestTurn) {
      let reply = try await VoiceLine.with(run.target, patience: run.patience) { line in
        try await line.say(CheckRequests.turn(), limit: SmokeCheck.longestTurn)
      }
      return TurnRules.ended(reply)
    }
    await run.look(.countBack, expecting: "0 running turns") { try await StatusPage.idle(run, within: .seconds(8)) }
  }
}
