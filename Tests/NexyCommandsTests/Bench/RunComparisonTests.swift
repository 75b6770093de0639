import Foundation
import NexyCore
import Testing

@testable import NexyCommands

@Suite("Two runs are compared figure by figure")
struct RunComparisonTests {
  private static let machine = Machine(processor: "any", cores: 2, memory: 24, system: "Debian", build: "release")

  private func run(
    _ rates: [Double], name: String = "streams", subject: String = "server", settings: [String: String] = [:],
    errors: [String: Int] = [:]
  ) -> BenchRun {
    BenchRun(
      name: name, date: "2026-11-21", machine: Self.machine, settings: settings,
      rounds: rates.map { rate in
        BenchRun.Round(
          subject: subject, seconds: 5, count: 10, errors: errors, perSecond: rate,
          latencies: ["whole": .init(count: 10, p50: 1000 / rate, p95: 2000 / rate, p99: 0, max: 0)])
      })
  }

  @Test("a ratio is the second median over the first; its spread is that of any two rounds")
  func ratio() throws {
    let comparison = try RunComparison(run([90, 100, 125]), run([150, 200, 180]))
    let rate = try #require(comparison.figures.first { $0.name == "per_second" })
    #expect(rate.first == 100)
    #expect(rate.second == 180)
    #expect(rate.ratio == 1.8)
    #expect(rate.lowest == 1.2)
    #expect(rate.highest == 200.0 / 90)
    #expect(comparison.remarks == [])
  }

  @Test("a figure that was nothing has no ratio")
  func nothing() throws {
    let comparison = try RunComparison(run([100]), run([100]))
    #expect(comparison.figures.map(\.name) == ["per_second", "whole p50", "whole p95"])
    #expect(comparison.figures.map(\.ratio) == [1, 1, 1])
  }

  private static let medians: [(values: [Double], median: Double)] = [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5), ([7], 7)]

  @Test("the middle of an even number is the mean of two", arguments: medians)
  func median(values: [Double], median: Double) {
    #expect(RunComparison.median(values) == median)
  }

  @Test("what else differs is said")
  func remarks() throws {
    let first = run([100], settings: ["in_flight": "1", "rate": "none"])
    let second = run([100, 100], settings: ["in_flight": "50", "rate": "none"], errors: ["unavailable": 3])
    #expect(
      try RunComparison(first, second).remarks == [
        "in_flight differs: 1, 50", "the second run has 6 failed requests",
      ])
  }

  @Test("runs of two benchmarks, or without a figure in common, are no comparison")
  func strangers() {
    #expect(throws: NexyError.self) { try RunComparison(run([1]), run([1], name: "updates")) }
    #expect(throws: NexyError.self) { try RunComparison(run([1]), run([1], subject: "peer")) }
  }
}

@Suite("A run is read from what --json printed")
struct BenchRunTests {
  private static let round = """
    {"subject": "nexy", "seconds": 2.5, "count": 7, "errors": {"not_begun": 1}, "per_second": 2.8,
     "latencies": {"first_audio": {"count": 7, "p50": 1.5, "p95": 2, "p99": 3, "max": 4}},
     "amounts": {"messages_per_turn": 63}}
    """

  private static func document(format: Int = 1, rounds: String = round) -> String {
    """
    {"nexy_bench": \(format), "name": "streams", "date": "2026-11-21", "settings": {"in_flight": "50"},
     "machine": {"processor": "any", "cores": 2, "memory": 24, "system": "Debian", "build": "release"},
     "rounds": [\(rounds)]}
    """
  }

  private func read(_ text: String) throws -> BenchRun { try BenchRun(reading: Data(text.utf8), named: "A.json") }

  @Test("names stay as they were written")
  func whole() throws {
    let run = try read(Self.document())
    let round = try #require(run.rounds.first)
    #expect(run.settings == ["in_flight": "50"])
    #expect(round.errors == ["not_begun": 1])
    #expect(round.latencies["first_audio"]?.p99 == 3)
    #expect(round.amounts == ["messages_per_turn": 63])
    #expect(round.perSecond == 2.8)
  }

  @Test(
    "what is no run is refused by its name",
    arguments: ["", "{}", "[1]", "turns/s 300", document(format: 2), document(rounds: "")])
  func noRun(text: String) {
    let error = #expect(throws: NexyError.self) { try read(text) }
    #expect(error?.code == .noBenchRun)
    #expect(error?.message.contains("A.json") == true)
  }

  @Test("a file that is not there is refused by its name")
  func noFile() {
    let error = #expect(throws: NexyError.self) { try BenchRun(readingFile: "/nowhere/B.json") }
    #expect(error?.message.contains("/nowhere/B.json") == true)
  }
}
