import Testing

@testable import NexyChecks

@Suite("The beta gate sums up what was seen")
struct BetaGateTests {
  static let rows: [(seen: [CheckResult.Verdict], verdict: CheckResult.Verdict, told: String)] = [
    ([.passed, .passed], .passed, "2 passed, 0 failed, 0 skipped"),
    ([.passed, .skipped], .passed, "1 passed, 0 failed, 1 skipped"),
    ([.passed, .failed, .failed], .failed, "1 passed, 2 failed, 0 skipped; first smoke.1"),
    ([.skipped, .failed], .failed, "0 passed, 1 failed, 1 skipped; first smoke.1"),
    ([.skipped, .skipped], .failed, "0 passed, 0 failed, 2 skipped: seen"),
    ([], .failed, "nothing of it was looked at"),
  ]

  @Test("one failure fails, and so does a line of which nothing was looked at", arguments: rows)
  func sight(_ row: (seen: [CheckResult.Verdict], verdict: CheckResult.Verdict, told: String)) {
    let sight = BetaGate.sight(row.seen.enumerated().map { result("smoke.\($0.offset)", $0.element) })
    #expect(sight.verdict == row.verdict)
    #expect(sight.observed == row.told)
  }

  @Test("what can be seen on the server's own machine alone is skipped elsewhere")
  func elsewhere() {
    #expect(BetaGate.sight([result("preflight.configuration.loads", .skipped)], isLocal: true).verdict == .skipped)
  }

  @Test("each line counts its own family alone")
  func families() {
    let lines = BetaGate.lines([
      result("smoke.turn.terminal", .passed), result("contract.row", .failed), result("health.web", .passed),
      result("preflight.configuration.loads", .passed), result("preflight.nginx.body", .failed),
      result("updates.feed", .skipped),
    ])
    let told = Dictionary(uniqueKeysWithValues: lines.map { ($0.point.id, $0.sight.verdict) })
    #expect(
      told == [
        "gate.smoke": .passed, "gate.contract": .failed, "gate.configuration": .passed, "gate.updates": .failed,
        "gate.health": .passed,
      ])
    #expect(lines.first { $0.point.id == "gate.contract" }?.sight.observed.hasSuffix("first contract.row") == true)
  }

  @Test("a refusal is known in both forms of the log")
  func decisions() {
    #expect(LogGrowth.tells("reject", "ts=1 level=INFO scope=grpc method=StreamAudio decision=reject ctx={} msg=x"))
    #expect(LogGrowth.tells("reject", #"{"ts": "1", "decision": "reject", "ctx": {}}"#))
    #expect(!LogGrowth.tells("reject", "ts=1 level=INFO scope=grpc method=StreamAudio decision=start ctx={} msg=x"))
    #expect(!LogGrowth.tells("reject", "ts=1 level=INFO scope=server msg=started"))
  }

  private func result(_ id: String, _ verdict: CheckResult.Verdict) -> CheckResult {
    CheckResult(
      point: CheckPoint(id, "", cause: "", see: .health), verdict: verdict, expected: "", observed: "seen", latency: nil
    )
  }
}
