import CoreMetrics
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("The registry holds what is counted")
struct MetricsRegistryTests {
  private let registry = MetricsRegistry(describing: [], clock: VirtualClock())

  private func exposition() throws -> ParsedExposition {
    try ParsedExposition(PrometheusText.render(registry.families()))
  }

  @Test("a counter is a counter, whole and with fractions")
  func counter() throws {
    let counter = Counter(label: "calls", dimensions: [("to", "a")], factory: registry)
    counter.increment()
    counter.increment(by: 4)
    counter.increment(by: -3)
    let seconds = FloatingPointCounter(label: "audio", factory: registry)
    for amount in [0.25, 0.5, -1, .nan, .infinity] { seconds.increment(by: amount) }
    let read = try exposition()
    #expect(read["calls_total"]?.type == "counter")
    #expect(read.value("calls_total", ["to": "a"]) == 5)
    #expect(read.value("audio_total") == 0.75)
  }

  @Test("a counter that is reset starts at zero")
  func reset() throws {
    let counter = Counter(label: "calls", factory: registry)
    counter.increment(by: 4)
    counter.reset()
    counter.increment()
    #expect(try exposition().value("calls_total") == 1)
  }

  @Test("a meter and a gauge are gauges")
  func gauge() throws {
    let meter = Meter(label: "open", factory: registry)
    meter.set(5)
    meter.increment()
    meter.decrement(by: 2.5)
    Gauge(label: "level", factory: registry).record(0.5)
    let read = try exposition()
    #expect(read["open"]?.type == "gauge")
    #expect(read["level"]?.type == "gauge")
    #expect(read.value("open") == 3.5)
    #expect(read.value("level") == 0.5)
  }

  @Test("a timer is a histogram of seconds with quantiles of its window")
  func timer() throws {
    let timer = Timer(label: "answer", factory: registry)
    for milliseconds in [1, 20, 300, 4000, 100_000] { timer.recordMilliseconds(milliseconds) }
    timer.recordNanoseconds(-5)
    let read = try exposition()
    #expect(read["answer_seconds"]?.type == "histogram")
    #expect(read.value("answer_seconds_count") == 6)
    #expect(read.value("answer_seconds_sum") == 104.321)
    let buckets: [(String, Double)] = [("0.001", 2), ("0.025", 3), ("0.5", 4), ("5", 5), ("60", 5), ("+Inf", 6)]
    for (bound, count) in buckets { #expect(read.value("answer_seconds_bucket", ["le": bound]) == count) }
    #expect(read["answer_seconds_window"]?.type == "gauge")
    #expect(read["answer_seconds_window"]?.samples.count == 3)
  }

  @Test("a recorder has the buckets that its description gives it")
  func recorder() throws {
    let described = MetricsRegistry(describing: ServerMetrics.catalogue, clock: VirtualClock())
    let recorder = Recorder(label: "nexy_speech_real_time_factor", factory: described)
    for value in [0.01, 0.3, 12, .nan, -.infinity] { recorder.record(value) }
    let read = try ParsedExposition(PrometheusText.render(described.families()))
    #expect(read.value("nexy_speech_real_time_factor_count") == 3)
    #expect(read.value("nexy_speech_real_time_factor_bucket", ["le": "0.01"]) == 1)
    #expect(read.value("nexy_speech_real_time_factor_bucket", ["le": "10"]) == 2)
  }

  private static let bounds: [(nanoseconds: Int64, bound: String)] = [
    (1_000_000, "0.001"), (2_500_000, "0.0025"), (250_000_000, "0.25"), (1_000_000_000, "1"), (60_000_000_000, "60"),
  ]

  @Test("a duration that is a bucket's bound falls into that bucket", arguments: bounds)
  func bound(nanoseconds: Int64, bound: String) throws {
    Timer(label: "answer", factory: registry).recordNanoseconds(nanoseconds)
    #expect(try exposition().value("answer_seconds_bucket", ["le": bound]) == 1)
  }

  @Test("the same name and dimensions are the same series, in any order")
  func sameSeries() throws {
    Counter(label: "calls", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
    Counter(label: "calls", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
    #expect(try exposition()["calls_total"]?.samples.map(\.value) == [2])
  }

  @Test("whatever is asked for under another kind's name goes nowhere")
  func otherKind() throws {
    Counter(label: "x_total", factory: registry).increment()
    Meter(label: "x_total", factory: registry).set(7)
    Timer(label: "y", factory: registry).recordSeconds(1)
    Meter(label: "y_seconds_window", factory: registry).set(7)
    Recorder(label: "y_seconds", factory: registry).record(7)
    Gauge(label: "z_count", factory: registry).record(1)
    Recorder(label: "z", factory: registry).record(7)
    let read = try exposition()
    #expect(read.value("x_total") == 1)
    #expect(read.value("y_seconds_count") == 1)
    #expect(read.families.map(\.name) == ["x_total", "y_seconds", "y_seconds_window", "z_count"])
  }

  @Test("a series that was destroyed is told no more, and starts anew")
  func destroy() throws {
    let counter = Counter(label: "calls", factory: registry)
    counter.increment(by: 5)
    counter.destroy()
    #expect(try exposition()["calls_total"] == nil)
    Counter(label: "calls", factory: registry).increment()
    counter.destroy()
    #expect(try exposition().value("calls_total") == 1)
  }

  @Test("series beyond the limit are counted together", arguments: [128, 129, 1000])
  func cardinality(count: Int) throws {
    for number in 0..<count {
      Counter(label: "calls", dimensions: [("to", "\(number)"), ("by", "me")], factory: registry).increment()
      Timer(label: "answer", dimensions: [("to", "\(number)")], factory: registry).recordSeconds(1)
    }
    let read = try exposition()
    #expect(read["calls_total"]?.samples.count == min(count, 129))
    #expect(read["calls_total"]?.samples.map(\.value).reduce(0, +) == Double(count))
    #expect(read.value("calls_total", ["to": "other", "by": "other"]) == (count > 128 ? Double(count - 128) : nil))
    #expect(read["answer_seconds_window"]?.samples.count == min(count, 129) * 3)
  }

  private static let names: [(label: String, dimension: String, exported: String)] = [
    ("http.server-requests", "status code", #"http_server_requests_total{status_code="x"}"#),
    ("1st", "2nd", #"_1st_total{_2nd="x"}"#),
    ("ns:calls", "a:b", #"ns:calls_total{a_b="x"}"#),
    ("звонки", "язык", #"_______total{dimension_____="x"}"#),
    ("", "", #"__total{_="x"}"#),
    ("calls_total", "le", #"calls_total{dimension_le="x"}"#),
    ("calls", "__name__", #"calls_total{dimension___name__="x"}"#),
  ]

  @Test("a library's names are made valid", arguments: names)
  func name(label: String, dimension: String, exported: String) throws {
    Counter(label: label, dimensions: [(dimension, "x")], factory: registry).increment()
    _ = try exposition()
    #expect(PrometheusText.render(registry.families()).contains("\n\(exported) 1\n"))
  }

  @Test("no increment of many tasks is lost")
  func concurrency() async throws {
    let (tasks, rounds) = (8, 2000)
    await withTaskGroup { group in
      for task in 0..<tasks {
        group.addTask { [registry] in
          let counter = Counter(label: "calls", dimensions: [("to", "\(task % 2)")], factory: registry)
          let seconds = FloatingPointCounter(label: "audio", factory: registry)
          let meter = Meter(label: "open", factory: registry)
          let timer = Timer(label: "answer", factory: registry)
          for _ in 0..<rounds {
            counter.increment()
            seconds.increment(by: 0.5)
            meter.increment(by: 2)
            meter.decrement()
            timer.recordMilliseconds(500)
          }
        }
      }
    }
    let total = Double(tasks * rounds)
    let read = try exposition()
    #expect(read["calls_total"]?.samples.map(\.value) == [total / 2, total / 2])
    #expect(read.value("audio_total") == total / 2)
    #expect(read.value("open") == total)
    #expect(read.value("answer_seconds_count") == total)
    #expect(read.value("answer_seconds_sum") == total / 2)
  }

  @Test("an exposition taken while others count is whole")
  func readWhileWriting() async throws {
    try await withThrowingTaskGroup { group in
      for task in 0..<4 {
        group.addTask { [registry] in
          for round in 0..<100 {
            Timer(label: "answer", dimensions: [("to", "\(task)-\(round)")], factory: registry)
              .recordMilliseconds(round)
          }
        }
      }
      for _ in 0..<5 { _ = try exposition() }
      try await group.waitForAll()
    }
  }
}
