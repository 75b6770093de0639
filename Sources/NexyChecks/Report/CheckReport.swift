import NexyCore

/// All that one run of a check saw.
package struct CheckReport: Sendable {
  package let check: String
  package let target: CheckTarget
  package let results: [CheckResult]
  package let duration: Duration

  /// A run in which nothing was looked at has not passed.
  package var passed: Bool {
    !results.contains { $0.verdict == .failed } && results.contains { $0.verdict == .passed }
  }

  package func count(_ verdict: CheckResult.Verdict) -> Int { results.count { $0.verdict == verdict } }
}

extension CheckReport: Encodable {
  private enum Key: String, CodingKey { case check, verdict, seconds, target, points }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(check, forKey: .check)
    try container.encode(passed ? "passed" : "failed", forKey: .verdict)
    try container.encode(duration.inSeconds, forKey: .seconds)
    try container.encode(target, forKey: .target)
    try container.encode(results, forKey: .points)
  }
}

extension CheckResult: Encodable {
  private enum Key: String, CodingKey {
    case id, title, verdict, expected, observed, milliseconds, cause, runbook
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(point.id, forKey: .id)
    try container.encode(point.title, forKey: .title)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(expected, forKey: .expected)
    try container.encode(observed, forKey: .observed)
    try container.encodeIfPresent(latency.map { $0.inSeconds * 1000 }, forKey: .milliseconds)
    guard verdict == .failed else { return }
    try container.encode(point.cause, forKey: .cause)
    try container.encode(point.section.address, forKey: .runbook)
  }
}
