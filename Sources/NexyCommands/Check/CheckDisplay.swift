import NexyChecks
import NexyCore

/// Shows a check to a person: a line for each point as it is looked at, and more for one that failed.
struct CheckDisplay: Sendable {
  let isQuiet: Bool

  func show(_ result: CheckResult) {
    if isQuiet { return }
    let time = result.latency.map { "  \(Self.milliseconds($0))" } ?? ""
    switch result.verdict {
    case .passed: Terminal.print("ok    \(result.point.id): \(result.point.title)\(time)".printable)
    case .skipped: Terminal.print("skip  \(result.point.id): \(result.observed)".printable)
    case .failed:
      let lines = [
        "FAIL  \(result.point.id): \(result.point.title)\(time)", "      expected  \(result.expected)",
        "      observed  \(result.observed)", "      likely    \(result.point.cause)",
        "      see       \(result.point.section.address)",
      ]
      for line in lines { Terminal.print(line.printable) }
    }
  }

  func end(_ report: CheckReport) {
    let counts = [(CheckResult.Verdict.passed, "passed"), (.failed, "failed"), (.skipped, "skipped")]
      .map { "\(report.count($0.0)) \($0.1)" }.joined(separator: ", ")
    let verdict = report.passed ? "CHECK_OK" : "CHECK_FAILED"
    Terminal.print(
      "\(verdict) \(report.check) host=\(report.target.host) port=\(report.target.voice.port): \(counts)".printable)
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let tenths = Int((duration.inSeconds * 10_000).rounded())
    return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) ms" : "\(tenths / 10) ms"
  }
}
