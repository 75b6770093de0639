import Foundation
import NexyCore

/// What a benchmark found, in the one shape that `--json` prints and `nexy bench compare` reads.
struct BenchRun: Codable, Equatable, Sendable {
  /// The shape's number: one that differs is not read.
  static let format = 1

  /// Latencies in milliseconds.
  struct Percentiles: Codable, Equatable, Sendable {
    var count: Int
    var p50: Double
    var p95: Double
    var p99: Double
    var max: Double
  }

  struct Round: Codable, Equatable, Sendable {
    /// What was asked: `nexy`, `peer`, or `server` for one known by its address alone.
    var subject: String
    /// How long was measured.
    var seconds: Double
    /// What ended well.
    var count: Int
    /// What did not, by its kind.
    var errors: [String: Int] = [:]
    /// What ended well, a second.
    var perSecond: Double
    var latencies: [String: Percentiles] = [:]
    /// Whatever else was measured; its unit is in its name.
    var amounts: [String: Double] = [:]
  }

  var nexyBench = format
  /// The subcommand.
  var name: String
  /// The day, as in 2026-11-21.
  var date: String
  var machine: Machine
  /// What it was asked to do, by the options' names in snake case.
  var settings: [String: String]
  var rounds: [Round]
}

extension BenchRun {
  /// A run of this machine and day.
  init(name: String, settings: [String: String], rounds: [Round]) {
    self.init(name: name, date: Self.today, machine: .this, settings: settings, rounds: rounds)
  }

  private static var today: String { Date().formatted(.iso8601.year().month().day()) }

  /// - Throws: `NexyError` with code `noBenchRun` for a file that is none.
  init(readingFile path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw NexyError(.noBenchRun, "\(path) cannot be read. Give a file that `nexy bench … --json` printed.")
    }
    try self.init(reading: data, named: path)
  }

  /// - Throws: as `init(readingFile:)`.
  init(reading data: Data, named name: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(Self.self, from: data)
    } catch {
      throw NexyError(
        .noBenchRun, "\(name) is no run of a benchmark. Give a file that `nexy bench … --json` printed.", cause: error)
    }
    guard nexyBench == Self.format else {
      throw NexyError(
        .noBenchRun, "\(name) is of format \(nexyBench), this program reads \(Self.format). Measure again.")
    }
    guard !rounds.isEmpty else { throw NexyError(.noBenchRun, "\(name) holds no round. Measure again.") }
  }
}

extension BenchRun.Round {
  /// A round for a person.
  var lines: [String] {
    let failures = errors.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let head = "\(subject): \(count) in \(Self.text(seconds)) s, \(Self.text(perSecond)) a second"
    return [head + (failures.isEmpty ? "" : "; failed: \(failures)")]
      + latencies.sorted { $0.key < $1.key }.map { name, latency in
        "  \(name)".padding(toLength: 16, withPad: " ", startingAt: 0)
          + "p50 \(Self.text(latency.p50))  p95 \(Self.text(latency.p95))  p99 \(Self.text(latency.p99))"
          + "  max \(Self.text(latency.max)) ms"
      } + amounts.sorted { $0.key < $1.key }.map { "  \($0.key) \(Self.text($0.value))" }
  }

  static func text(_ value: Double) -> String { String(format: value < 100 ? "%.2f" : "%.0f", value) }
}

extension NexyError.Code {
  /// A file that is no run of a benchmark.
  static let noBenchRun = Self("no_bench_run")
}
