import Foundation
import NexyCore

/// Holds the server against the contract, row by row.
enum ContractCheck {
  static func look(_ run: CheckRun, _ settings: CheckSettings) async throws {
    let isOffline = (try? await StatusPage.read(run).model) == "offline"
    try await VoiceLine.with(run.target, patience: run.patience) { line in
      for row in ContractTable.rows {
        let point = CheckPoint(
          "contract.\(row.name)", row.input, cause: "Server and client disagree about docs/protocol.md.",
          see: row.status == "OK" ? .turns : .refusals)
        if row.isOffline && !isOffline {
          run.record(point, expecting: row.expected, .skipped("only the offline assistant answers exactly so"))
          continue
        }
        if row.isHeld, let reason = run.cannotHold {
          run.record(point, expecting: row.expected, .skipped(reason))
          continue
        }
        await run.look(point, expecting: row.expected, within: SmokeCheck.longestTurn * settings.repeats) {
          try await sight(of: row, on: line, repeats: row.isHeavy ? 1 : settings.repeats)
        }
      }
    }
  }

  private static func sight(of row: ContractRow, on line: VoiceLine, repeats: Int) async throws -> Sight {
    var latencies: [Duration] = []
    var told = ""
    for _ in 0..<repeats {
      let outcome = try await row.call(line)
      let faults = Self.faults(of: outcome, by: row)
      guard faults.isEmpty else { return .bad(faults.joined(separator: "; "), latency: outcome.latency) }
      latencies.append(outcome.latency)
      told = outcome.reply.told
    }
    let p95 = percentile95(latencies)
    return p95 <= row.bound ? .good(told, latency: p95) : .bad("p95 \(p95.told) of \(repeats)", latency: p95)
  }

  /// The smallest of the values that 95 of 100 do not pass (nearest rank).
  static func percentile95(_ values: [Duration]) -> Duration {
    let rank = Int((0.95 * Double(values.count)).rounded(.up))
    return values.sorted()[max(rank, 1) - 1]
  }

  /// What is not as the row says.
  static func faults(of outcome: ContractOutcome, by row: ContractRow) -> [String] {
    let reply = outcome.reply
    var faults: [String] = []
    if reply.status != row.status { faults.append(reply.told) }
    switch row.items {
    case "turn end":
      faults += TurnRules.endFaults(reply) + TurnRules.orderFaults(reply) + TurnRules.soundFaults(reply.sounds)
    case "metadata audio end":
      faults += TurnRules.endFaults(reply) + TurnRules.greetingFaults(reply) + TurnRules.soundFaults(reply.sounds)
    case "nothing": if !reply.items.isEmpty { faults.append(reply.told) }
    default:
      faults += TurnRules.endFaults(reply)
      if reply.shape != row.items { faults.append("\"\(reply.shape)\" came") }
    }
    return faults + Self.faults(of: outcome, by: row.expects)
  }

  private static func faults(of outcome: ContractOutcome, by expectation: ContractRow.Expectation) -> [String] {
    let reply = outcome.reply
    let terminal = reply.end ?? reply.error ?? ""
    switch expectation {
    case .nothing: return []
    case .terminal(let text): return terminal == text ? [] : ["it says \"\(terminal)\""]
    case .text(let text): return reply.text == text ? [] : ["the text is \"\(reply.text)\""]
    case .action(let command, let argument): return actionFaults(outcome, command, argument)
    }
  }

  private static func actionFaults(_ outcome: ContractOutcome, _ command: String, _ argument: String) -> [String] {
    for item in outcome.reply.items {
      guard case .action(let json, let session) = item else { continue }
      let object = (try? JSONReader.document(Array(json.utf8)))?.value.object ?? [:]
      let arguments = object["args"]?.object ?? [:]
      let isRight = object.text("command") == command && arguments.text("app_name") == argument
      let isOurs = object.text("session_id") == outcome.session && session == outcome.session
      return (isRight ? [] : ["the action is \(json)"]) + (isOurs ? [] : ["the action is of another session"])
    }
    return ["no action"]
  }
}
