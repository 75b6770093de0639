import NexyCore

/// Two runs of one benchmark, figure by figure.
struct RunComparison: Encodable, Equatable, Sendable {
  struct Figure: Encodable, Equatable, Sendable {
    let subject: String
    /// Such as `first_audio p99`, in milliseconds, or `per_second`.
    let name: String
    /// Medians over the rounds of each run.
    let first: Double
    let second: Double
    /// The second median over the first.
    let ratio: Double
    /// The lowest and the highest ratio of any round of the second run to any of the first: where they lie on both
    /// sides of 1, the runs do not differ by more than their rounds do. With one round each they say nothing.
    let lowest: Double
    let highest: Double
  }

  let name: String
  let figures: [Figure]
  /// What else differs, or failed: settings, machines, requests.
  let remarks: [String]

  /// - Throws: `NexyError` with code `notComparable` for runs of two benchmarks, or without a figure in common.
  init(_ first: BenchRun, _ second: BenchRun) throws {
    guard first.name == second.name else {
      throw NexyError(
        .notComparable,
        "One run is of `bench \(first.name)`, the other of `bench \(second.name)`. Give two of one kind.")
    }
    name = first.name
    let (before, after) = (Self.values(first), Self.values(second))
    figures = before.keys.filter { after[$0] != nil }.sorted().compactMap { key in
      Self.figure(key, before[key] ?? [], after[key] ?? [])
    }
    remarks = Self.remarks(first, second)
    guard !figures.isEmpty else {
      throw NexyError(.notComparable, "The runs have no figure in common. Give two of the same subjects.")
    }
  }

  /// A figure's name among those of its subject.
  private struct Key: Hashable, Comparable {
    let subject: String
    let name: String
    static func < (one: Key, other: Key) -> Bool { (one.subject, one.name) < (other.subject, other.name) }
  }

  /// Every figure with its values, one a round.
  private static func values(_ run: BenchRun) -> [Key: [Double]] {
    var values: [Key: [Double]] = [:]
    for round in run.rounds {
      func add(_ name: String, _ value: Double) {
        values[Key(subject: round.subject, name: name), default: []].append(value)
      }
      add("per_second", round.perSecond)
      for (name, amount) in round.amounts { add(name, amount) }
      for (name, latency) in round.latencies where latency.count > 0 {
        add("\(name) p50", latency.p50)
        add("\(name) p95", latency.p95)
        add("\(name) p99", latency.p99)
      }
    }
    return values
  }

  /// Nil where a ratio means nothing: nothing was measured, or as nothing.
  private static func figure(_ key: Key, _ first: [Double], _ second: [Double]) -> Figure? {
    guard let least = first.min(), let most = first.max(), let lowest = second.min(), let highest = second.max(),
      least > 0
    else { return nil }
    let (before, after) = (median(first), median(second))
    return Figure(
      subject: key.subject, name: key.name, first: before, second: after, ratio: after / before,
      lowest: lowest / most, highest: highest / least)
  }

  /// The middle value, or the mean of the two in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  private static func remarks(_ first: BenchRun, _ second: BenchRun) -> [String] {
    var remarks = Set(first.settings.keys).union(second.settings.keys).sorted().compactMap { key in
      let (one, other) = (first.settings[key] ?? "none", second.settings[key] ?? "none")
      return one == other ? nil : "\(key) differs: \(one), \(other)"
    }
    if first.machine != second.machine { remarks.append("the machines or builds differ") }
    for (name, run) in [("first", first), ("second", second)] {
      let failed = run.rounds.flatMap(\.errors.values).reduce(0, +)
      if failed > 0 { remarks.append("the \(name) run has \(failed) failed requests") }
    }
    return remarks
  }
}

extension NexyError.Code {
  /// Two runs that say nothing about each other.
  static let notComparable = Self("not_comparable")
}
