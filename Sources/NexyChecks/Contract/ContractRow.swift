import NexyWire

/// One line of the contract: what goes in, what must come out, and how soon.
package struct ContractRow: Sendable {
  /// Stable; `contract.` and this is the id of its point.
  package let name: String
  /// What goes in, in words.
  package let input: String
  /// The kinds of messages in order, repetitions once; `turn` is one or more pairs of text and audio, and maybe an action.
  package let items: String
  /// As operators' tools spell it.
  package let status: String
  /// Within which the first sound, else the first message, else the status comes; judged by the p95 of the repeats.
  package let bound: Duration
  /// Whether only the offline assistant answers exactly so.
  package let isOffline: Bool
  /// Whether it is asked once alone, for its size.
  let isHeavy: Bool
  /// Whether it needs a turn that is held.
  let isHeld: Bool
  let call: @Sendable (VoiceLine) async throws -> ContractOutcome
  let expects: Expectation

  /// What else must hold of an outcome.
  enum Expectation: Sendable {
    case nothing
    /// The terminal says exactly this.
    case terminal(String)
    /// All text together is exactly this.
    case text(String)
    /// The action names this command, this argument and the request's session.
    case action(command: String, argument: String)
  }

  var expected: String { "\(items), \(status), within \(bound.told)" }
}

/// What one call brought; calls with one answer have no items.
struct ContractOutcome: Sendable {
  var reply: HeardReply
  /// The request's; empty for a call that names none.
  var session = ""
  /// To the first sound, else to the first message, else to the status.
  var latency: Duration { reply.time(of: "audio") ?? reply.times.first ?? reply.duration }
}
