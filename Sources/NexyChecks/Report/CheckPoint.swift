/// One thing that a check looks at, whatever server it looks at.
package struct CheckPoint: Sendable, Hashable {
  /// Stable, such as `smoke.turn.terminal`; its first word is the family.
  package let id: String
  /// What holds when all is well, in a few words.
  package let title: String
  /// What is most often behind a failure.
  package let cause: String
  /// Where the remedy stands.
  package let section: RunbookSection

  init(_ id: String, _ title: String, cause: String, see section: RunbookSection) {
    self.id = id
    self.title = title
    self.cause = cause
    self.section = section
  }
}

/// A section of docs/runbook.md.
package enum RunbookSection: String, Sendable, CaseIterable {
  case unreachable = "nothing-answers"
  case certificate = "the-certificate"
  case ingress = "the-ingress"
  case turns = "a-turn-goes-wrong"
  case sound = "the-sound"
  case refusals = "a-refusal-is-not-as-written"
  case limits = "the-limits"
  case health = "health-and-versions"
  case updates = "updates"
  case log = "the-log"
  case machine = "the-machine"
  case recovery = "it-does-not-recover"

  /// From the repository's root.
  package var address: String { "docs/runbook.md#\(rawValue)" }
}
