import Foundation

extension LogStatistics {
  /// Turns the counts into figures.
  package func summary() -> LogSummary {
    var summary = LogSummary()
    (summary.lines, summary.unreadable, summary.records, summary.bad) = (lines, unreadable, records, bad)
    summary.faults = counts(faults.map { ($0.rawValue, $1) })
    if records > 0 { summary.span = date(first)...date(last) }
    let order = tallies.indices.sorted { methods[$0] < methods[$1] }
    for number in order where number > 0 {
      summary.methods.append(method(number))
      summary.failures += failures(of: number)
    }
    summary.methods.removeAll { $0.started + $0.ended == 0 }
    summary.decisions = order.flatMap(decisionRates)
    summary.streams = streams(summary.methods)
    summary.classes = classes()
    summary.refusals = refusals()
    summary.windows = windows(order)
    return summary
  }

  private func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

  private func name(_ method: Int) -> String { LogSummary.shown(methods[method]) }

  private func word(_ number: Int) -> String { LogSummary.shown(words[number]) }

  /// The commonest first, then by name.
  private func counts(_ counts: [(String, Int)]) -> [LogSummary.Count] {
    counts.filter { $0.1 > 0 }.map(LogSummary.Count.init).sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  private func method(_ number: Int) -> LogSummary.Method {
    let tally = tallies[number]
    var method = LogSummary.Method(name: name(number))
    method.started = tally.decisions[KnownDecision.start.rawValue]
    method.ended = tally.requests
    method.complete = tally.ends[KnownDecision.complete.rawValue]
    method.collectAcknowledged = tally.ends[KnownDecision.collectAcknowledged.rawValue]
    method.errors = tally.ends[KnownDecision.error.rawValue]
    method.aborted = tally.ends[KnownDecision.abort.rawValue]
    method.cancelled = tally.ends[KnownDecision.cancelled.rawValue]
    method.rejected = tally.ends[KnownDecision.reject.rawValue]
    if method.ended > 0 { method.errorRate = Double(method.errors) / Double(method.ended) }
    method.latency = Percentiles(tally.tallies.map(\.latencies)).latency
    return method
  }

  private func failures(of method: Int) -> [LogSummary.Failure] {
    var byName: [[Int]: Int] = [:]
    for (failure, count) in tallies[method].failures {
      byName[[failure.decision, failure.code, failure.type], default: 0] += count
    }
    let failures = byName.map { key, count in
      LogSummary.Failure(
        method: name(method), decision: word(key[0]), code: word(key[1]), type: word(key[2]), count: count)
    }
    return failures.sorted {
      ($1.count, $0.decision, $0.code, $0.type) < ($0.count, $1.decision, $1.code, $1.type)
    }
  }

  private func decisionRates(of method: Int) -> [LogSummary.DecisionRate] {
    let minutes = records > 0 ? max(Double(last - first) / 60_000, 1) : 1
    let named = tallies[method].decisions.enumerated().map { (word($0.offset), $0.element) }
    return counts(named).map {
      LogSummary.DecisionRate(
        method: name(method), decision: $0.name, count: $0.count, perMinute: Double($0.count) / minutes)
    }
  }

  private func lines(deciding decision: KnownDecision) -> Int {
    tallies.reduce(0) { $0 + $1.decisions[decision.rawValue] }
  }

  private func streams(_ methods: [LogSummary.Method]) -> LogSummary.Streams {
    LogSummary.Streams(
      maximum: activeMaximum < 0 ? nil : Int(activeMaximum), last: activeMaximum < 0 ? nil : Int(activeLast),
      acquired: lines(deciding: .streamAcquired), released: lines(deciding: .streamReleased),
      openRequests: methods.reduce(0) { $0 + $1.started - $1.ended })
  }

  private func classes() -> LogSummary.Classes {
    var classes = LogSummary.Classes()
    for (failure, count) in tallies.flatMap(\.failures) {
      switch words[failure.kind] {
      case "transient": classes.transient += count
      case "permanent": classes.permanent += count
      default: classes.unclassified += count
      }
    }
    return classes
  }

  private func refusals() -> LogSummary.Refusals {
    var types = ["stream_limit_exceeded": 0, "rate_limit_exceeded": 0, "concurrent_request": 0]
    types["concurrent_hardware_id"] = 0
    for (failure, count) in tallies.flatMap(\.failures) {
      let type = words[failure.type]
      if let sum = types[type] { types[type] = sum + count }
    }
    let (rejected, limited) = (lines(deciding: .streamRejected), lines(deciding: .rateLimitExceeded))
    var refusals = LogSummary.Refusals()
    refusals.decisions = counts([("stream_rejected", rejected), ("rate_limit_exceeded", limited)])
    refusals.types = counts(types.map { ($0, $1) })
    refusals.backpressure =
      max(rejected, types["stream_limit_exceeded"] ?? 0) + max(limited, types["rate_limit_exceeded"] ?? 0)
    let acquired = lines(deciding: .streamAcquired)
    if acquired > 0 { refusals.share = Double(refusals.backpressure) / Double(acquired) }
    return refusals
  }

  private func windows(_ order: [Int]) -> [LogSummary.Window] {
    var windows: [Int64: LogSummary.Window] = [:]
    for number in order {
      for (start, place) in tallies[number].windows {
        let tally = tallies[number].tallies[place]
        var window = windows[start] ?? LogSummary.Window(start: date(start))
        window.retriesAndAborts += tally.retriesAndAborts
        if tally.requests > 0 {
          let p95 = Percentiles([tally.latencies]).latency?.p95
          window.methods.append(
            LogSummary.WindowMethod(name: name(number), requests: tally.requests, errors: tally.errors, p95: p95))
        }
        windows[start] = window
      }
    }
    return windows.values.sorted { $0.start < $1.start }
  }
}
