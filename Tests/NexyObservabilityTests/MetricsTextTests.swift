import CoreMetrics
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("An exposition is what Prometheus reads")
struct MetricsTextTests {
  private let registry = MetricsRegistry(
    describing: [
      MetricDescription(
        "calls_total", .counter, .count, by: ["to"], meaning: "Calls \\ \"quoted\"\nof all.", alert: ""),
      MetricDescription("size", .histogram, .bytes, buckets: [1, 2.5], meaning: "Sizes.", alert: ""),
    ], clock: VirtualClock())

  private var text: String { PrometheusText.render(registry.families()) }

  @Test("it is the same text, sorted, whatever came first")
  func whole() {
    for to in ["b", "a", "c"] { Counter(label: "calls_total", dimensions: [("to", to)], factory: registry).increment() }
    Gauge(label: "active", factory: registry).record(1.5)
    let size = Recorder(label: "size", dimensions: [("of", "x")], factory: registry)
    for value in [1, 2, 3] { size.record(value) }
    #expect(
      text == #"""
        # HELP active Not described.
        # TYPE active gauge
        active 1.5
        # HELP calls_total Calls \\ "quoted"\nof all.
        # TYPE calls_total counter
        calls_total{to="a"} 1
        calls_total{to="b"} 1
        calls_total{to="c"} 1
        # HELP size Sizes.
        # TYPE size histogram
        size_bucket{of="x",le="1"} 1
        size_bucket{of="x",le="2.5"} 2
        size_bucket{of="x",le="+Inf"} 3
        size_sum{of="x"} 6
        size_count{of="x"} 3

        """#)
  }

  private static let values = [
    "", "plain", "two words", "a\"b", "a\\b", "a\nb", "\\n", "\\", "\"", "{}", "a=\"b\",c=\"d\"", "Привет", "🎉",
    "tab\t", "cr\r\n",
  ]

  @Test("any value of a dimension reads back", arguments: values)
  func value(value: String) throws {
    Counter(label: "calls", dimensions: [("to", value), ("x", "y")], factory: registry).increment()
    #expect(try ParsedExposition(text).value("calls_total", ["to": value, "x": "y"]) == 1)
  }

  @Test("a help text reads back")
  func help() throws {
    Counter(label: "calls", factory: registry).increment()
    #expect(try ParsedExposition(text)["calls_total"]?.help == "Calls \\ \"quoted\"\nof all.")
  }

  private static let numbers: [(value: Double, text: String)] = [
    (0, "0"), (-0.0, "0"), (1, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (1e6, "1000000"), (1e21, "1e+21"), (1e-7, "1e-07"),
    (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
  ]

  @Test("numbers are spelled as Prometheus wants", arguments: numbers)
  func number(value: Double, text: String) throws {
    Gauge(label: "level", factory: registry).record(value)
    #expect(self.text.hasSuffix("\nlevel \(text)\n"))
    _ = try ParsedExposition(self.text)
  }

  @Test("an empty registry has an empty exposition")
  func empty() { #expect(text.isEmpty) }

  private static let broken = [
    "a 1", "# HELP a x\n", "# HELP a x\n# TYPE a gauge\na{b=c} 1\n", "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
    "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a x\n# TYPE a gauge\na inf\n", "# HELP a x\n# TYPE a gauge\nb 1\n",
    "# HELP a x\n# TYPE a gauge\na{b=\"\\t\"} 1\n", "# HELP a x\n# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n",
    "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
    "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
  ]

  @Test("the tests' reader refuses what Prometheus refuses", arguments: broken)
  func strictness(text: String) { #expect(throws: ParsedExposition.Failure.self) { try ParsedExposition(text) } }
}
