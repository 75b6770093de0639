import NexyCore
import NexyWire
import Synchronization

/// A turn that a client of the crowd had.
struct CrowdTurn: Sendable {
  let device: String
  let began: ContinuousClock.Instant
  let reply: HeardReply

  var ended: ContinuousClock.Instant { began + reply.duration }
  var outcome: TurnOutcome { TurnOutcome(reply) }
}

/// Clients that have one turn after another.
final class Crowd: Sendable {
  private struct State {
    var isOver = false
    var turns: [CrowdTurn] = []
    var speaking = 0
  }

  /// Between two turns of a client.
  private static let pause = Duration.milliseconds(150)

  private let state = Mutex(State())

  /// Has clients talk while `body` runs, and waits for their last turns.
  ///
  /// Each has a connection of its own: where a call begins just when its connection is told to go away, the client of
  /// grpc-swift-nio-transport 2.9.2 closes it, and whatever else runs on it is torn.
  /// - Returns: What `body` gave, and all turns.
  static func during<Value: Sendable>(
    _ target: CheckTarget, clients: Int, saying prompt: String = CheckRequests.question, once: Bool = false,
    _ body: @Sendable (Crowd) async throws -> Value
  ) async throws -> (Value, [CrowdTurn]) {
    let crowd = Crowd()
    let value = try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<clients { group.addTask { try await crowd.talk(target, prompt, once: once) } }
      defer { group.cancelAll() }
      let value = try await body(crowd)
      crowd.state.withLock { $0.isOver = true }
      try await group.waitForAll()
      return value
    }
    return (value, crowd.turns)
  }

  var turns: [CrowdTurn] { state.withLock { $0.turns } }

  /// How many turns have begun to speak.
  var speaking: Int { state.withLock { $0.speaking } }

  private func talk(_ target: CheckTarget, _ prompt: String, once: Bool) async throws {
    try await VoiceLine.with(target, patience: ChaosTimes.page) { line in
      try await self.talk(line, prompt, once: once)
    }
  }

  private func talk(_ line: VoiceLine, _ prompt: String, once: Bool) async throws {
    repeat {
      let turn = try await Self.turn(line, prompt) { self.state.withLock { $0.speaking += 1 } }
      state.withLock { $0.turns.append(turn) }
      if !once { try await Task.sleep(for: Self.pause) }
    } while !once && !state.withLock { $0.isOver }
  }

  /// One turn of a device of its own; one that never ends is a turn that was seen not to end.
  static func turn(
    _ line: VoiceLine, _ prompt: String = CheckRequests.question, onSpeech: @escaping @Sendable () -> Void = {}
  ) async throws -> CrowdTurn {
    let (device, began) = (CheckRequests.device(), ContinuousClock.now)
    let limit = prompt.contains(FakeProvider.longWord) ? ChaosTimes.deadline * 2 : ChaosTimes.deadline
    do {
      let reply = try await bounded(limit + .seconds(2)) {
        let isFirst = Found<Bool>()
        return try await line.say(CheckRequests.turn(prompt, device: device), limit: limit) { item in
          if case .audio = item, isFirst.value == nil {
            isFirst.set(true)
            onSpeech()
          }
        }
      }
      return CrowdTurn(device: device, began: began, reply: reply)
    } catch let error as NexyError {
      var reply = HeardReply(status: "no end", message: error.message)
      reply.duration = ContinuousClock.now - began
      return CrowdTurn(device: device, began: began, reply: reply)
    }
  }
}

extension [CrowdTurn] {
  /// The longest of them.
  var longest: Duration { map(\.reply.duration).max() ?? .zero }

  /// Good when there are some, all became what is allowed, and none took longer than it may.
  func sight(allowing allowed: [TurnOutcome], within limit: Duration = ChaosTimes.turn) -> Sight {
    var faults = isEmpty ? ["there was no turn"] : []
    for (what, number) in counts(of: filter { !allowed.contains($0.outcome) }) { faults.append("\(number) \(what)") }
    let slow = count { $0.reply.duration > limit }
    if slow > 0 { faults.append("\(slow) took more than \(limit.told), the longest \(longest.told)") }
    let told = counts(of: self).map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    return .of(faults, otherwise: "\(told); the longest \(longest.told)", latency: longest)
  }

  private func counts(of turns: [CrowdTurn]) -> [(String, Int)] {
    Dictionary(turns.map { ($0.outcome.told, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
  }
}
