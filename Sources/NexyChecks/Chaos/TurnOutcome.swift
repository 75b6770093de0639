import NexyCore

/// What became of a turn whose provider, server or machine had a fault.
enum TurnOutcome: Sendable, Equatable {
  /// The provider's own answer, whole.
  case answered
  /// Another model's answer, whole.
  case replaced
  /// Every whole sentence and a spoken apology; UNAVAILABLE.
  case brokenOff
  /// Cut by the server or refused: an error_message and UNAVAILABLE.
  case refused
  /// The connection ended without a terminal, or there was none.
  case torn
  /// Nothing that is promised.
  case wrong(String)

  static let apology = "Sorry, my answer broke off. Please ask me again."

  init(_ reply: HeardReply) {
    if reply.terminals.isEmpty, reply.status == "UNAVAILABLE" {
      self = .torn
      return
    }
    let faults = TurnRules.endFaults(reply)
    switch reply.status {
    case "OK":
      let all = faults + TurnRules.orderFaults(reply) + TurnRules.soundFaults(reply.sounds)
      self = all.isEmpty ? Self.ended(reply.text) : .wrong(all.joined(separator: "; "))
    case "UNAVAILABLE" where faults.isEmpty: self = Self.broken(reply)
    default: self = .wrong(([reply.told] + faults).joined(separator: "; "))
    }
  }

  private static func ended(_ text: String) -> TurnOutcome {
    let (text, answers) = (text.trimmed, [FakeProvider.answer.trimmed, FakeProvider.longAnswer.trimmed])
    if answers.contains(text) { return .answered }
    if text.isEmpty { return .wrong("it ended well without a word") }
    // Half an answer is no answer, and what a lie said is none either.
    let isHalf = answers.contains { $0.hasPrefix(text.prefix(12)) } || text.contains(ProviderLie.mark)
    return isHalf ? .wrong("it ended well with \"\(text.suffix(60))\"") : .replaced
  }

  private static func broken(_ reply: HeardReply) -> TurnOutcome {
    let text = reply.text.trimmed
    guard text.hasSuffix(apology) else { return .refused }
    let said = text.dropLast(apology.count).trimmed
    let faults = TurnRules.orderFaults(reply)
    if !faults.isEmpty { return .wrong(faults.joined(separator: "; ")) }
    let isWhole = said.hasSuffix(".") && [FakeProvider.answer, FakeProvider.longAnswer].contains { $0.hasPrefix(said) }
    return isWhole ? .brokenOff : .wrong("before its apology it said \"\(said.suffix(60))\"")
  }

  /// For a line of a report.
  var told: String {
    switch self {
    case .answered: "answered"
    case .replaced: "answered by another model"
    case .brokenOff: "broken off with an apology"
    case .refused: "ended with UNAVAILABLE"
    case .torn: "torn"
    case .wrong(let what): what
    }
  }
}
