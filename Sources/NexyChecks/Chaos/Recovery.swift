import NexyCore

/// The way back.
enum Recovery {
  /// Has turns until the provider itself answers, and looks whether `/health` says so.
  static func sight(_ target: CheckTarget, within limit: Duration) async throws -> Sight {
    let began = ContinuousClock.now
    do {
      try await VoiceLine.with(target, patience: ChaosTimes.page) { line in
        try await Patience.until(limit, what: "the provider does not answer") {
          try await Crowd.turn(line).outcome == .answered
        }
      }
    } catch let error as NexyError {
      return .bad(error.message)
    }
    let took = ContinuousClock.now - began
    guard took <= limit else { return .bad("the provider's answer came after \(took.told)", latency: took) }
    let sample = try await WebLine.with(target, patience: ChaosTimes.page) { await HealthSample.take(target, $0) }
    guard sample.word == "OK" else {
      return .bad("answered after \(took.told), and /health says \(sample.word): \(sample.reasons)", latency: took)
    }
    return .good("answered after \(took.told)", latency: took)
  }
}
