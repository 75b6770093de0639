import ArgumentParser
import NexyCore

/// The options of every load.
struct LoadOptions: ParsableArguments {
  @Option(help: "Requests a second, of an open loop; without it the next begins when one has ended.") var rate: Double?
  @Option(help: "Seconds of load before each round that are not measured.") var warmUp = 1.0
  @Option(help: "Seconds that each round measures.") var seconds = 5.0
  @Option(help: "Rounds.") var rounds = 3
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func validate() throws {
    guard (0.1...3600).contains(seconds), (0...600).contains(warmUp), (1...100).contains(rounds) else {
      throw ValidationError("--seconds is 0.1 to 3600, --warm-up at most 600, --rounds 1 to 100.")
    }
    if let rate, !(0.1...1_000_000).contains(rate) { throw ValidationError("--rate is 0.1 to 1000000 a second.") }
  }

  func plan(inFlight: Int) -> LoadPlan {
    LoadPlan(
      pace: rate.map(LoadPlan.Pace.open) ?? .closed, inFlight: inFlight, warmUp: .seconds(warmUp),
      measured: .seconds(seconds))
  }

  /// What a run says about them.
  var settings: [String: String] {
    [
      "loop": rate == nil ? "closed" : "open", "rate": rate.map { "\($0)" } ?? "none", "warm_up": "\(warmUp)",
      "seconds": "\(seconds)",
    ]
  }

  /// Prints a run, unless nothing in it ended well.
  ///
  /// - Throws: `NexyError` with code `benchFailed` for such a run.
  func show(_ run: BenchRun) throws {
    if json {
      try Terminal.json(run)
    } else {
      for round in run.rounds { for line in round.lines { Terminal.print(line) } }
    }
    for round in run.rounds where round.count == 0 {
      let kinds = round.errors.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      throw NexyError(
        .benchFailed,
        "Nothing that \(round.subject) was asked in a round ended well: \(kinds.isEmpty ? "no time" : kinds).")
    }
  }
}
