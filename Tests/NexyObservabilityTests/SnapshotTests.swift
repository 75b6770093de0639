import Foundation
import Logging
import NexyCore
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("A snapshot tells what happened since the one before")
struct SnapshotTests {
  private let clock = VirtualClock()
  private let metrics: ServerMetrics
  /// 2026-01-02, 03:04:05.500 UTC.
  private let moment = Date(timeIntervalSince1970: 1_767_323_045.5)

  init() { metrics = ServerMetrics(registry: MetricsRegistry(describing: ServerMetrics.catalogue, clock: clock)) }

  private func end(_ method: String = "StreamAudio", milliseconds: Int = 10, isFault: Bool = false) {
    metrics.rpcEnded(method: method, status: "OK", isFault: isFault, duration: .milliseconds(milliseconds))
  }

  @Test("a method has its requests, errors and latency")
  func method() throws {
    for milliseconds in 1...100 { end(milliseconds: milliseconds * 10, isFault: milliseconds <= 25) }
    let method = try #require(metrics.takeSnapshot().methods["StreamAudio"])
    #expect(method.ended == 100)
    #expect(method.faults == 25)
    #expect(abs(method.p95Milliseconds - 950) <= 9.5)
  }

  @Test("the next one counts anew")
  func windows() {
    end(milliseconds: 5000, isFault: true)
    metrics.decided(.error, method: "StreamAudio")
    clock.advance(by: .seconds(60))
    #expect(metrics.takeSnapshot().methods["StreamAudio"]?.faults == 1)
    end(milliseconds: 8)
    clock.advance(by: .seconds(30))
    let next = metrics.takeSnapshot()
    #expect(next.window == .seconds(30))
    #expect(next.methods["StreamAudio"]?.ended == 1)
    #expect(next.methods["StreamAudio"]?.faults == 0)
    #expect(next.methods["StreamAudio"]?.p95Milliseconds == 8)
    #expect(next.decisions.isEmpty)
    #expect(metrics.takeSnapshot().methods.isEmpty)
  }

  @Test("decisions are told a second", arguments: [(60, 0.5), (30, 1)])
  func decisions(seconds: Int, rate: Double) {
    for _ in 0..<30 { metrics.decided(.reject, method: "StreamAudio") }
    clock.advance(by: .seconds(seconds))
    metrics.decided(.shutdown, method: nil)
    let rates = metrics.takeSnapshot().decisionsPerSecond
    #expect(rates["StreamAudio"] == ["reject": rate])
    #expect(rates["none"] == ["shutdown": rate / 30])
  }

  @Test("a window without length has no rates")
  func noLength() {
    metrics.decided(.reject, method: "StreamAudio")
    let snapshot = metrics.takeSnapshot()
    #expect(snapshot.decisions == ["StreamAudio": ["reject": 1]])
    #expect(snapshot.decisionsPerSecond.isEmpty)
  }

  @Test("a method that only decided has neither latency nor error rate")
  func undecided() {
    metrics.decided(.start, method: "StreamAudio")
    clock.advance(by: .seconds(2))
    let context = metrics.takeSnapshot(at: moment).context
    #expect(context["p95_latency"] == [:])
    #expect(context["error_rate"] == [:])
    #expect(context["total_requests"] == [:])
    #expect(line(context).contains(#""decision_rate": {"StreamAudio": {"start": 0.5}}"#))
  }

  @Test("the log line's context has the keys, numbers and time that tools read")
  func context() {
    end(milliseconds: 125)
    end(milliseconds: 125, isFault: true)
    end("GreetUser", milliseconds: 2)
    metrics.decided(.start, method: "StreamAudio")
    clock.advance(by: .seconds(4))
    #expect(
      line(metrics.takeSnapshot(at: moment).context)
        == #"{"decision_rate": {"StreamAudio": {"start": 0.25}}, "#
        + #""error_rate": {"GreetUser": 0.0, "StreamAudio": 0.5}, "#
        + #""p95_latency": {"GreetUser": 2.0, "StreamAudio": 125.0}, "timestamp": "2026-01-02T03:04:05.500Z", "#
        + #""total_errors": {"GreetUser": 0, "StreamAudio": 1}, "total_requests": {"GreetUser": 1, "StreamAudio": 2}}"#)
  }

  @Test("snapshots taken at once share out what happened, none twice")
  func concurrency() async {
    let rounds = 500
    let ended = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<rounds { end() }
          return 0
        }
        group.addTask { metrics.takeSnapshot().methods["StreamAudio"]?.ended ?? 0 }
      }
      return await group.reduce(0, +)
    }
    #expect(ended + (metrics.takeSnapshot().methods["StreamAudio"]?.ended ?? 0) == 4 * rounds)
  }

  /// The context as a log line shows it.
  private func line(_ context: Logger.Metadata) -> String {
    let recorded = RecordedLog()
    recorded.log().record(.start, "x", scope: .server, context: context)
    return recorded.lines.first.flatMap(ParsedLine.init)?.context ?? ""
  }
}
