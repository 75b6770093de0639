import Foundation
import NexyCore
import NexyWire
import SwiftProtobuf
import Testing

@testable import NexyChecks

@Suite("The contract's table")
struct ContractTableTests {
  @Test("has thirty rows and more, each with a name of its own")
  func rows() {
    let names = ContractTable.rows.map(\.name)
    #expect(names.count >= 30)
    #expect(Set(names).count == names.count)
  }

  @Test(
    "takes the smallest latency that 95 of 100 do not pass",
    arguments: [(1...1, 1), (1...3, 3), (1...20, 19), (1...100, 95)] as [(ClosedRange<Int>, Int)])
  func percentile(_ values: ClosedRange<Int>, _ expected: Int) {
    let latencies = values.reversed().map { Duration.milliseconds($0) }
    #expect(ContractCheck.percentile95(latencies) == .milliseconds(expected))
  }
}

@Suite("What every reply obeys")
struct TurnRulesTests {
  private static let good: [HeardReply.Item] = [.text("Hello."), .audio(.tone), .end("done")]

  @Test("a good reply has no fault")
  func goodReply() {
    let reply = HeardReply(items: Self.good)
    #expect(TurnRules.endFaults(reply) + TurnRules.orderFaults(reply) + TurnRules.soundFaults(reply.sounds) == [])
  }

  @Test(
    "one thing wrong is seen",
    arguments: [
      HeardReply(), HeardReply(items: [.text("Hello."), .audio(.tone)]), HeardReply(items: good + [.end("again")]),
      HeardReply(items: good + [.text("more")]), HeardReply(items: good, status: "INTERNAL"),
      HeardReply(items: [.error("no")]), HeardReply(items: [.error("no")], status: "INTERNAL", message: "other"),
      HeardReply(items: [.audio(.tone), .text("Hello."), .end("done")]),
      HeardReply(items: [.text("One."), .text("Two."), .audio(.tone), .end("done")]),
      HeardReply(items: [.text("One."), .action("{}", session: ""), .audio(.tone), .end("done")]),
      HeardReply(items: [.text("One."), .audio(.tone), .empty, .end("done")]),
      HeardReply(items: [.text("One."), .audio(.of(samples: [0, 0, 0])), .end("done")]),
      HeardReply(items: [.text("One."), .audio(.of(samples: [900, -900], rate: 24_000)), .end("done")]),
      HeardReply(items: [.text("One."), .audio(.of(samples: [900, -900], extra: 1)), .end("done")]),
    ])
  func faults(_ reply: HeardReply) {
    #expect(TurnRules.endFaults(reply) + TurnRules.orderFaults(reply) + TurnRules.soundFaults(reply.sounds) != [])
  }
}

@Suite("A report as JUnit's XML")
struct JUnitReportTests {
  @Test("counts, names and escapes")
  func text() {
    let point = CheckPoint("smoke.turn.sound", "A \"title\" & <more>", cause: "Because.", see: .sound)
    let results = [
      CheckResult(point: point, verdict: .passed, expected: "", observed: "", latency: .milliseconds(1234)),
      CheckResult(point: point, verdict: .failed, expected: "x", observed: "a\u{1}b\n", latency: nil),
      CheckResult(point: point, verdict: .skipped, expected: "", observed: "why", latency: nil),
    ]
    let listener = CheckTarget.Listener(port: 1, isSecure: false)
    let target = CheckTarget(
      host: "h", voice: listener, health: listener, updates: listener, trust: .system, certificate: nil, refusal: nil)
    let report = CheckReport(check: "smoke", target: target, results: results, duration: .seconds(2))
    let text = JUnitReport.text(report)
    #expect(text.contains("tests=\"3\" failures=\"1\" skipped=\"1\" time=\"2.000\""))
    #expect(text.contains("time=\"1.234\""))
    #expect(text.contains("A &quot;title&quot; &amp; &lt;more&gt;: a\u{FFFD}b&#10;"))
    #expect(!report.passed)
  }

  @Test("nothing looked at is no pass")
  func nothing() {
    let listener = CheckTarget.Listener(port: 1, isSecure: false)
    let target = CheckTarget(
      host: "h", voice: listener, health: listener, updates: listener, trust: .system, certificate: nil, refusal: nil)
    #expect(!CheckReport(check: "smoke", target: target, results: [], duration: .zero).passed)
  }
}

extension HeardSound {
  static let tone = of(samples: [300, 900, 300, -300, -900, -300])

  static func of(samples: [Int16], rate: Int32 = 48_000, extra: Int = 0) -> Self {
    HeardSound(
      .with {
        $0.audioData = samples.withUnsafeBytes { Data($0) } + Data(repeating: 0, count: extra)
        ($0.sampleRate, $0.channels, $0.dtype) = (rate, 1, "int16")
      })
  }
}
