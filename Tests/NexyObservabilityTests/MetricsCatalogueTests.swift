import CoreMetrics
import NexyTestSupport
import Testing

@testable import NexyObservability

@Suite("The catalogue describes every metric")
struct MetricsCatalogueTests {
  private static let catalogue = ServerMetrics.catalogue

  /// An exposition of a server that did everything once.
  private func everything() throws -> ParsedExposition {
    let metrics = ServerMetrics(registry: MetricsRegistry(describing: Self.catalogue, clock: VirtualClock()))
    metrics.rpcStarted(method: "StreamAudio")
    metrics.rpcEnded(method: "StreamAudio", status: "OK", isFault: false, duration: .seconds(1))
    metrics.decided(.start, method: "StreamAudio")
    metrics.circuit(of: "gemini", kind: "model", key: "-", is: .open)
    metrics.turnRefused(code: "server_busy")
    metrics.spoke(engine: "tone", outcome: "ok", audio: .seconds(1), took: .seconds(1))
    metrics.modelAnswered(model: "scripted", outcome: "ok", took: .seconds(1))
    metrics.updates(areHealthy: true, feedAges: ["stable": 1])
    metrics.downloaded(outcome: "complete", bytes: 1)
    return try ParsedExposition(metrics.exposition())
  }

  @Test("it holds exactly the families of an exposition")
  func families() throws {
    #expect(try everything().families.map(\.name).sorted() == Self.catalogue.map(\.name).sorted())
  }

  @Test("an exposition has the kind, the dimensions and the words of the catalogue", arguments: catalogue)
  func exposed(description: MetricDescription) throws {
    let family = try #require(try everything()[description.name])
    #expect(family.type == (description.kind == .timer ? "histogram" : description.kind.rawValue))
    #expect(family.help == description.meaning)
    for sample in family.samples {
      #expect(Set(sample.labels.keys).subtracting(["le"]) == Set(description.dimensions))
    }
  }

  @Test("a name tells its unit", arguments: catalogue)
  func unit(description: MetricDescription) {
    let base = description.name.replacing("_total", with: "").replacing("_window", with: "")
    switch description.unit {
    case .seconds: #expect(base.hasSuffix("_seconds"))
    case .bytes: #expect(base.hasSuffix("_bytes"))
    case .count, .ratio, .truth: #expect(!base.hasSuffix("_seconds") && !base.hasSuffix("_bytes"))
    }
    #expect(description.name.hasSuffix("_total") == (description.kind == .counter))
  }

  @Test("a meaning is one sentence, an alert speaks of its metric", arguments: catalogue)
  func words(description: MetricDescription) {
    #expect(description.meaning.hasSuffix("."))
    #expect(!description.meaning.dropLast().contains(". "))
    #expect(description.alert.contains(description.name))
    #expect(description.alert.contains(#/ (>|<|==|>=|<=) /#))
    #expect(!description.alert.contains("\n"))
  }

  @Test("a timer's window is described beside it", arguments: catalogue.filter { $0.kind == .timer })
  func window(timer: MetricDescription) {
    let window = Self.catalogue.first { $0.name == timer.name + "_window" }
    #expect(window?.kind == .gauge)
    #expect(window?.dimensions == timer.dimensions + ["quantile"])
  }
}
