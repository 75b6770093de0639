import Foundation
import Testing

@testable import NexyObservability

@Suite("The statistics say what the log says")
struct LogStatisticsTests {
  /// Twenty seconds before a border of five minutes: 2026-01-02, 03:04:40 to 03:05:20.
  private static let log = """
    ts=2026-01-02T03:04:40.000+00:00 level=INFO scope=server decision=init ctx={"port": 50051} msg=Server started
    ts=2026-01-02T03:04:40.000+00:00 level=INFO scope=grpc method=StreamAudio decision=start ctx={"request_id": "1"} msg=a
    ts=2026-01-02T03:04:40.000+00:00 level=INFO scope=grpc method=StreamAudio decision=stream_acquired ctx={"active_streams": 1, "max_streams": 2} msg=a
    ts=2026-01-02T03:04:41.000+00:00 level=INFO scope=grpc method=StreamAudio decision=start msg=a
    ts=2026-01-02T03:04:41.000+00:00 level=INFO scope=grpc method=StreamAudio decision=stream_acquired ctx={"active_streams": 2, "max_streams": 2} msg=a
    ts=2026-01-02T03:04:41.500+00:00 level=INFO scope=grpc method=StreamAudio decision=start msg=a
    ts=2026-01-02T03:04:41.500+00:00 level=INFO scope=grpc method=StreamAudio decision=stream_rejected ctx={"active_streams": 2} msg=a
    ts=2026-01-02T03:04:41.500+00:00 level=INFO scope=grpc method=StreamAudio decision=reject ctx={"error_type": "stream_limit_exceeded", "error_code": "RESOURCE_EXHAUSTED", "error_classified": "transient"} dur_ms=1 msg=a
    ts=2026-01-02T03:04:42.000+00:00 level=INFO scope=grpc method=StreamAudio decision=retry msg=again
    ts=2026-01-02T03:04:59.999+00:00 level=INFO scope=grpc method=StreamAudio decision=complete dur_ms=400 msg=a

    ts=2026-01-02T03:04:59.999+00:00 level=INFO scope=grpc method=StreamAudio decision=stream_released ctx={"active_streams": 1} msg=a
    ts=2026-01-02T03:05:00.000+00:00 level=ERROR scope=grpc method=StreamAudio decision=error ctx={"error_type": "model_unavailable", "error_code": "UNAVAILABLE", "error_classified": "transient"} dur_ms=900 msg=a
    {"ts": "2026-01-02T03:05:01.000+00:00", "level": "INFO", "scope": "grpc", "method": "Welcome", "decision": "start", "ctx": {}, "msg": "a"}
    {"ts": "2026-01-02T03:05:02.000+00:00", "level": "INFO", "scope": "grpc", "method": "Welcome", "decision": "complete", "ctx": {}, "dur_ms": 30, "msg": "a"}
    Traceback with password=hunter2
    ts=2026-01-02T03:05:03.000+00:00 level=INFO scope=grpc method=/streaming.StreamingService/StreamAudio decision=start msg=a
    ts=2026-01-02T03:05:04.000+00:00 level=INFO scope=grpc method=StreamAudio decision=abort ctx={"error_type": "interrupted", "error_code": "CANCELLED", "error_classified": "permanent"} dur_ms=5000 msg=a
    ts=2026-01-02T03:05:05.000+00:00 level=INFO scope=grpc method=StreamAudio decision=start msg=a
    ts=2026-01-02T03:05:05.000+00:00 level=INFO scope=grpc method=StreamAudio decision=cancelled dur_ms=6000 msg=a
    ts=2026-01-02T03:05:06.000+00:00 level=INFO scope=grpc method=StreamAudio decision=start msg=a
    ts=2026-01-02T03:05:06.000+00:00 level=INFO scope=grpc method=StreamAudio decision=collect_ack dur_ms=2 msg=a
    ts=2026-01-02T03:05:07.000+00:00 level=ERROR scope=server decision=error msg=no request
    ts=2026-01-02T03:05:20.000+00:00 level=ERROR scope=grpc method=StreamAudio decision=error msg=a line amid a request
    """

  private func summary(
    _ text: String = log, period: LogPeriod = .always, method: String? = nil
  ) -> LogSummary {
    var statistics = LogStatistics(period: period, method: method)
    statistics.count(text)
    return statistics.summary()
  }

  @Test("lines are counted, and those that cannot be read told with their number")
  func lines() {
    let summary = summary()
    #expect((summary.lines, summary.unreadable, summary.records) == (24, 2, 22))
    #expect(summary.bad.map(\.number) == [11, 16])
    #expect(summary.bad.map(\.fault) == [.empty, .foreign])
    #expect(summary.bad.map(\.excerpt) == ["", "Traceback with password=****"])
    #expect(summary.faults.map(\.count) == [1, 1])
    let (first, last) = (Date(timeIntervalSince1970: 1_767_323_080), Date(timeIntervalSince1970: 1_767_323_120))
    #expect(summary.span == first...last)
  }

  @Test("requests are counted by how they ended")
  func requests() {
    let methods = summary().methods
    #expect(methods.map(\.name) == ["StreamAudio", "Welcome"])
    #expect(
      methods[0]
        == LogSummary.Method(
          name: "StreamAudio", started: 6, ended: 6, complete: 1, collectAcknowledged: 1, errors: 1, aborted: 1,
          cancelled: 1, rejected: 1, errorRate: 1.0 / 6,
          latency: LogSummary.Latency(count: 2, p50: 400, p95: 900, p99: 900, maximum: 900)))
    #expect(methods[1].errorRate == 0)
    #expect(methods[1].latency?.p95 == 30)
  }

  @Test("failures are told by code and type, and by whether trying again helps")
  func failures() {
    let failures = summary().failures
    #expect(failures.map(\.decision) == ["abort", "error", "reject"])
    #expect(failures.map(\.code) == ["CANCELLED", "UNAVAILABLE", "RESOURCE_EXHAUSTED"])
    #expect(failures.map(\.type) == ["interrupted", "model_unavailable", "stream_limit_exceeded"])
    #expect(failures.allSatisfy { $0.count == 1 && $0.method == "StreamAudio" })
    #expect(summary().classes == LogSummary.Classes(transient: 2, permanent: 1, unclassified: 0))
  }

  @Test("decisions have a count and a rate; a span below a minute counts as one")
  func decisions() {
    let decisions = summary().decisions
    #expect(decisions.first { $0.method == "StreamAudio" && $0.decision == "start" }?.count == 6)
    #expect(decisions.first { $0.method == "StreamAudio" && $0.decision == "error" }?.count == 2)
    #expect(decisions.filter { $0.method == "" }.map(\.decision) == ["error", "init"])
    #expect(decisions.allSatisfy { $0.perMinute == Double($0.count) })
    let longer = summary(
      Self.log + "\nts=2026-01-02T03:14:40Z level=INFO scope=grpc method=StreamAudio decision=start msg=a")
    #expect(longer.decisions.first { $0.method == "StreamAudio" && $0.decision == "start" }?.perMinute == 0.7)
  }

  @Test("streams and what kept them out are counted, a refusal of two lines once")
  func streams() {
    let summary = summary()
    #expect(
      summary.streams == LogSummary.Streams(maximum: 2, last: 1, acquired: 2, released: 1, openRequests: 0))
    #expect(summary.refusals.decisions == [LogSummary.Count(name: "stream_rejected", count: 1)])
    #expect(summary.refusals.types == [LogSummary.Count(name: "stream_limit_exceeded", count: 1)])
    #expect(summary.refusals.backpressure == 1)
    #expect(summary.refusals.share == 0.5)
  }

  private static let limits = [
    "stream_limit_exceeded", "rate_limit_exceeded", "concurrent_request", "concurrent_hardware_id",
  ]

  @Test("each limit's refusals are told by name", arguments: limits)
  func limit(type: String) {
    let line =
      #"ts=2026-01-02T03:04:40Z level=INFO scope=grpc method=M decision=reject ctx={"error_type": "\#(type)"} dur_ms=1 msg=a"#
    let refusals = summary([line, line].joined(separator: "\n")).refusals
    #expect(refusals.types == [LogSummary.Count(name: type, count: 2)])
    #expect(refusals.backpressure == (type.hasPrefix("concurrent") ? 0 : 2))
    #expect(refusals.share == nil)
  }

  @Test("a window begins at its border and ends before the next")
  func windows() {
    let windows = summary().windows
    #expect(windows.map { $0.start.timeIntervalSince1970 } == [1_767_322_800, 1_767_323_100])
    #expect(windows.map(\.retriesAndAborts) == [1, 1])
    #expect(windows[0].methods == [LogSummary.WindowMethod(name: "StreamAudio", requests: 2, errors: 0, p95: 400)])
    #expect(
      windows[1].methods == [
        LogSummary.WindowMethod(name: "StreamAudio", requests: 4, errors: 1, p95: 900),
        LogSummary.WindowMethod(name: "Welcome", requests: 1, errors: 0, p95: 30),
      ])
  }

  @Test(
    "times before 1970 have windows too",
    arguments: [(-1, -300_000), (-300_000, -300_000), (-300_001, -600_000), (0, 0)])
  func early(milliseconds: Int64, start: Int64) { #expect(WindowTally.start(of: milliseconds) == start) }

  @Test("a period leaves out what was before, and what is at its end or after")
  func period() throws {
    let start: Int64 = 1_767_323_080_000
    let part = summary(period: LogPeriod(start: start + 1000, end: start + 20_000))
    #expect((part.lines, part.unreadable, part.records) == (24, 2, 8))
    #expect(part.span == Date(timeIntervalSince1970: 1_767_323_081)...Date(timeIntervalSince1970: 1_767_323_099.999))
    #expect((part.methods[0].started, part.methods[0].ended) == (2, 2))
    #expect(part.windows.count == 1)
    let none = summary(period: LogPeriod(start: 0, end: 1))
    #expect(none.records == 0)
    #expect(none.span == nil)
    #expect(none.methods.isEmpty && none.decisions.isEmpty && none.windows.isEmpty)
  }

  @Test(
    "one method may be asked for, by its name or its path",
    arguments: ["Welcome", "/streaming.StreamingService/Welcome"])
  func method(name: String) {
    let summary = summary(method: name)
    #expect((summary.records, summary.methods.count, summary.windows.count) == (2, 1, 1))
    #expect(summary.decisions.map(\.method) == ["Welcome", "Welcome"])
  }

  @Test("line ends of Windows and a missing last newline change nothing")
  func lineEnds() {
    var expected = summary()
    for text in [Self.log + "\n", Self.log.replacing("\n", with: "\r\n")] {
      let summary = summary(text)
      expected.bad = summary.bad
      #expect(summary == expected)
    }
  }

  @Test("an empty log is no fault")
  func empty() { #expect(summary("") == LogSummary()) }

  @Test("only the first unreadable lines are kept, and all counted")
  func manyBad() {
    var statistics = LogStatistics(keptBad: 3)
    statistics.count(String(repeating: "x\u{1B}[31m\u{202E}\n", count: 10))
    let summary = statistics.summary()
    #expect(summary.unreadable == 10)
    #expect(summary.bad.map(\.number) == [1, 2, 3])
    #expect(summary.bad.first?.excerpt == "x·[31m·")
  }

  @Test("many methods are told apart")
  func manyMethods() {
    let lines = (0..<1000).map { number in
      "ts=2026-01-02T03:04:40Z level=INFO scope=grpc method=M\(number % 500) decision=complete dur_ms=\(number) msg=a"
    }
    let methods = summary(lines.joined(separator: "\n")).methods
    #expect(methods.count == 500)
    #expect(methods.allSatisfy { $0.ended == 2 })
    #expect(methods.first { $0.name == "M499" }?.latency?.maximum == 999)
  }

  @Test(
    "a percentile is the smallest value that so many do not exceed",
    arguments: [1, 2, 3, 19, 20, 21, 99, 100, 101, 1000])
  func percentiles(count: Int) throws {
    let values = (0..<count).map { UInt32($0 * 7919 % 1009) }
    let half = ContiguousArray(values.prefix(count / 2))
    let latency = try #require(Percentiles([half, ContiguousArray(values.dropFirst(count / 2))]).latency)
    for (percent, value) in [(50, latency.p50), (95, latency.p95), (99, latency.p99)] {
      #expect(values.filter { $0 <= value }.count * 100 >= count * percent)
      #expect(values.filter { $0 < value }.count * 100 < count * percent)
    }
    #expect(latency.maximum == values.max().map(Int.init))
    #expect(latency.count == count)
  }
}

extension LogStatistics {
  mutating func count(_ text: String) {
    Array(text.utf8).withUnsafeBytes { add(block: $0) }
  }
}
