import NexyWire
import SwiftProtobuf

/// All four calls of the voice service, with good and with bad identifiers.
enum SmokeCheck {
  /// How long a whole turn may take: a model that thinks, and its speech.
  static let longestTurn = Duration.seconds(60)

  static func look(_ run: CheckRun) async throws {
    try await VoiceLine.with(run.target, patience: run.patience) { line in
      await turn(run, line)
      await refusals(run, line)
      await collected(run, line)
      await welcome(run, line)
      await interrupts(run, line)
      await run.lookHolding(.smokeInterrupt, expecting: "error, CANCELLED", within: longestTurn) {
        try await RunningTurn.interrupted(line)
      }
      await usage(run, line)
    }
  }

  private static func turn(_ run: CheckRun, _ line: VoiceLine) async {
    let reply: HeardReply
    do { reply = try await line.say(CheckRequests.turn(), limit: longestTurn) } catch {
      reply = .none(error)
    }
    let faults = TurnRules.endFaults(reply) + (reply.status == "OK" ? [] : [reply.told])
    run.record(
      .smokeTurnEnd, expecting: "one end_message, OK", .of(faults, otherwise: reply.told), latency: reply.duration)
    run.record(
      .smokeTurnOrder, expecting: "text audio … end",
      .of(TurnRules.orderFaults(reply), otherwise: reply.shape), latency: reply.time(of: "text"))
    let seconds = reply.sounds.map(\.seconds).reduce(0, +)
    run.record(
      .smokeTurnSound, expecting: "int16, 48 kHz, mono, not silent",
      .of(TurnRules.soundFaults(reply.sounds), otherwise: "\((seconds * 10).rounded() / 10) s of sound"),
      latency: reply.time(of: "audio"))
  }

  private static func refusals(_ run: CheckRun, _ line: VoiceLine) async {
    let rows: [(CheckPoint, Streaming_StreamRequest)] = [
      (.smokeBadDevice, CheckRequests.turn(device: "")), (.smokeBadSession, CheckRequests.turn(session: "")),
    ]
    for (point, request) in rows {
      await run.look(point, expecting: "error, INVALID_ARGUMENT") {
        TurnRules.refused(try await line.say(request), as: "INVALID_ARGUMENT")
      }
    }
  }

  private static func collected(_ run: CheckRun, _ line: VoiceLine) async {
    let (device, session) = (CheckRequests.device(), CheckRequests.session())
    await run.look(.smokeCollect, expecting: "end_message \"COLLECT_ACCEPTED\"") {
      let reply = try await line.say(
        CheckRequests.collect(CheckRequests.question, number: 1, device: device, session: session))
      return reply.items == [.end("COLLECT_ACCEPTED")] && reply.status == "OK" ? .good(reply.told) : .bad(reply.told)
    }
    await run.look(.smokeCommit, expecting: "a turn without a prompt of its own", within: longestTurn) {
      let reply = try await line.say(
        CheckRequests.turn("", device: device, session: session), limit: longestTurn)
      return TurnRules.ended(reply)
    }
  }

  private static func welcome(_ run: CheckRun, _ line: VoiceLine) async {
    let reply: HeardReply
    do {
      reply = try await line.welcome(.with { $0.sessionID = CheckRequests.session() }, limit: longestTurn)
    } catch { reply = .none(error) }
    let faults = TurnRules.endFaults(reply) + TurnRules.greetingFaults(reply)
    run.record(
      .smokeWelcome, expecting: "metadata audio end, OK", .of(faults, otherwise: reply.told), latency: reply.duration)
    run.record(
      .smokeWelcomeSound, expecting: "int16, 48 kHz, mono, not silent",
      .of(TurnRules.soundFaults(reply.sounds), otherwise: "\(reply.sounds.count) chunks"),
      latency: reply.time(of: "audio"))
  }

  private static func interrupts(_ run: CheckRun, _ line: VoiceLine) async {
    await run.look(.smokeInterruptIdle, expecting: "success, no sessions") {
      let answer = try await line.interrupt(CheckRequests.device())
      let told = "success \(answer.success), \(answer.interruptedSessions.count) sessions"
      return answer.success && answer.interruptedSessions.isEmpty ? .good(told) : .bad(told)
    }
    await run.look(.smokeInterruptRefused, expecting: "INVALID_ARGUMENT") {
      try await refused { _ = try await line.interrupt("") }
    }
  }

  private static func usage(_ run: CheckRun, _ line: VoiceLine) async {
    await run.look(.smokeUsage, expecting: "success") {
      let answer = try await line.reportUsage(CheckRequests.usage())
      return answer.success ? .good("success") : .bad("no success: \(answer.message)")
    }
  }

  private static func refused(_ call: () async throws -> Void) async throws -> Sight {
    do { try await call() } catch let failure as CallFailure {
      return failure.status == "INVALID_ARGUMENT" ? .good(failure.description) : .bad(failure.description)
    }
    return .bad("it was taken")
  }
}
