import NexyCore
import NexyUpdates

/// What keeps a release from moving: all of it is gathered before anything does.
struct Readiness: Sendable {
  /// What no word overrules.
  private(set) var refusals: [Finding] = []
  /// What an operator's word overrules, and the word is recorded.
  private(set) var doubts: [Finding] = []

  mutating func refuse(_ findings: [Finding]) { refusals += findings.filter { $0.effect == .rejected } }

  mutating func refuse(_ rule: String, at place: String, _ message: String, remedy: String) {
    refusals.append(Finding(.rejected, rule, at: place, message, remedy: remedy))
  }

  mutating func doubt(_ findings: [Finding]) { doubts += findings }

  mutating func doubt(_ rule: String, at place: String, _ message: String, remedy: String) {
    doubts.append(Finding(.rejected, rule, at: place, message, remedy: remedy))
  }

  /// What the word overruled; nil when there was nothing to overrule.
  /// - Throws: `NexyError` with code `releaseRefused` that tells everything at once.
  func settle(_ reason: String?, subject: String) throws -> ReleasePlan.Override? {
    let reason = reason?.trimmed
    if let reason, !(1...500).contains(reason.utf8.count) {
      throw NexyError(.overrideRefused, "--override needs a reason of 1 to 500 bytes; say why it is right this time.")
    }
    guard refusals.isEmpty, doubts.isEmpty || reason?.isEmpty == false else {
      let lines = (refusals + doubts).map { "[\($0.rule)] \($0.place): \($0.message) \($0.remedy)" }
      let hint = refusals.isEmpty ? "\n  If it is right all the same, give --override with the reason." : ""
      throw NexyError(
        .releaseRefused, "\(subject) is refused, and nothing has moved:\n  \(lines.joined(separator: "\n  "))\(hint)")
    }
    guard !doubts.isEmpty, let reason else { return nil }
    return ReleasePlan.Override(reason: reason, rules: doubts.map(\.rule))
  }
}
