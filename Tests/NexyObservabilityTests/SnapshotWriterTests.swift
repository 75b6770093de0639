import NexyCore
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("Snapshots are written to the log")
struct SnapshotWriterTests {
  private let clock = VirtualClock()
  private let recorded = RecordedLog()
  private let metrics: ServerMetrics
  private let writer: SnapshotWriter

  init() {
    metrics = ServerMetrics(registry: MetricsRegistry(describing: ServerMetrics.catalogue, clock: clock))
    writer = SnapshotWriter(metrics: metrics)
  }

  /// Runs the writer while a test moves the clock.
  private func whileRunning(_ body: () async -> Void) async {
    let log = recorded.log()
    await withTaskGroup { group in
      group.addTask { await writer.run(every: .seconds(60), clock: clock, log: log) }
      await clock.waitForSleepers(1)
      await body()
      group.cancelAll()
    }
  }

  @Test("one line a period, and none before the first is over")
  func periods() async {
    await whileRunning {
      clock.advance(by: .seconds(59))
      #expect(recorded.lines.isEmpty)
      clock.advance(by: .seconds(1))
      for count in 1...3 {
        await clock.waitForSleepers(1)
        #expect(recorded.lines.count == count)
        clock.advance(by: .seconds(60))
      }
      await clock.waitForSleepers(1)
    }
    #expect(recorded.lines.count == 4)
  }

  @Test("periods that were slept through give one line")
  func pause() async {
    await whileRunning {
      clock.advance(by: .seconds(605))
      await clock.waitForSleepers(1)
      #expect(recorded.lines.count == 1)
      clock.advance(by: .seconds(55))
      await clock.waitForSleepers(1)
      #expect(recorded.lines.count == 2)
    }
  }

  @Test("a line is a decision of the metrics, at level INFO")
  func shape() throws {
    metrics.rpcEnded(method: "StreamAudio", status: "OK", isFault: false, duration: .seconds(1))
    writer.write(to: recorded.log())
    let line = try #require(recorded.lines.first.flatMap(ParsedLine.init))
    #expect(line.level == "INFO")
    #expect(line.scope == "metrics")
    #expect(line.decision == "snapshot")
    #expect(line.method == nil)
    #expect(line.message == "Metrics snapshot")
    #expect(line.context?.contains(#""total_requests": {"StreamAudio": 1}"#) == true)
  }

  @Test("the last line at a stop tells only what no line told before")
  func last() async throws {
    metrics.rpcEnded(method: "StreamAudio", status: "OK", isFault: false, duration: .seconds(1))
    await whileRunning {
      clock.advance(by: .seconds(60))
      await clock.waitForSleepers(1)
    }
    metrics.rpcEnded(method: "GreetUser", status: "OK", isFault: false, duration: .seconds(1))
    writer.write(to: recorded.log())
    let contexts = recorded.lines.compactMap { ParsedLine($0)?.context }
    #expect(contexts.map { $0.contains("StreamAudio") } == [true, false])
    #expect(contexts.map { $0.contains("GreetUser") } == [false, true])
  }
}
