import Foundation
import NexyObservability

/// The figures as a person reads them.
enum LogsStatsReport {
  /// An hour; the JSON has them all.
  private static let shownWindows = 12

  static func lines(of summary: LogSummary, showsBad: Bool) -> [String] {
    var sections = [head(summary, showsBad: showsBad)]
    if summary.records > 0 {
      sections += [requests(summary), failures(summary), decisions(summary), limits(summary), windows(summary)]
    }
    if showsBad { sections.append(bad(summary)) }
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private static func head(_ summary: LogSummary, showsBad: Bool) -> [String] {
    var lines = ["lines     \(summary.lines) read, \(summary.records) counted, \(summary.unreadable) unreadable"]
    for fault in summary.faults { lines.append("          \(fault.count) unreadable: \(fault.name)") }
    if let first = summary.bad.first, !showsBad {
      lines.append("          the first in \(first.file), line \(first.number); --bad shows them")
    }
    if let span = summary.span {
      let minutes = span.upperBound.timeIntervalSince(span.lowerBound) / 60
      lines.append("period    \(time(span.lowerBound)) to \(time(span.upperBound)), \(decimal(minutes, 1)) minutes")
    }
    guard summary.records > 0 else { return lines }
    let streams = summary.streams
    lines.append("streams   active: \(number(streams.maximum)) at most, \(number(streams.last)) last")
    lines.append(
      "          \(streams.acquired) acquired, \(streams.released) released; requests open: \(streams.openRequests)")
    let classes = summary.classes
    lines.append(
      "failures  \(classes.transient) transient, \(classes.permanent) permanent, \(classes.unclassified) unclassified")
    return lines
  }

  private static func requests(_ summary: LogSummary) -> [String] {
    var table = TextTable(headings: [
      "REQUESTS ", "started", "ended", "complete", "collect_ack", "error", "abort", "cancelled", "reject", "error %",
      "p50 ms", "p95 ms", "p99 ms", "max ms",
    ])
    for method in summary.methods {
      let counts = [
        method.started, method.ended, method.complete, method.collectAcknowledged, method.errors, method.aborted,
        method.cancelled, method.rejected,
      ]
      let latency = method.latency
      let figures = [latency?.p50, latency?.p95, latency?.p99, latency?.maximum].map(number)
      table.rows.append([method.name] + counts.map { "\($0)" } + [percent(method.errorRate)] + figures)
    }
    return table.lines
  }

  private static func failures(_ summary: LogSummary) -> [String] {
    var table = TextTable(headings: ["FAILURES ", "decision ", "error_code ", "error_type ", "count"])
    table.rows = summary.failures.map { [$0.method, $0.decision, text($0.code), text($0.type), "\($0.count)"] }
    return table.lines
  }

  private static func decisions(_ summary: LogSummary) -> [String] {
    var table = TextTable(headings: ["DECISIONS ", "decision ", "count", "per minute"])
    table.rows = summary.decisions.map {
      [text($0.method), $0.decision, "\($0.count)", decimal($0.perMinute, 2)]
    }
    return table.lines
  }

  private static func limits(_ summary: LogSummary) -> [String] {
    let refusals = summary.refusals
    var table = TextTable(headings: ["LIMITS ", "count"])
    table.rows = refusals.decisions.map { ["decision \($0.name)", "\($0.count)"] }
    table.rows += refusals.types.map { ["error_type \($0.name)", "\($0.count)"] }
    table.rows.append(["backpressure rejects", "\(refusals.backpressure)"])
    table.rows.append(["in % of acquired streams", percent(refusals.share)])
    return table.lines
  }

  private static func windows(_ summary: LogSummary) -> [String] {
    var table = TextTable(headings: [
      "5 MINUTES FROM ", "retry+abort", "method ", "requests", "error", "p95 ms",
    ])
    for window in summary.windows.suffix(shownWindows) {
      let head = [time(window.start), "\(window.retriesAndAborts)"]
      if window.methods.isEmpty { table.rows.append(head + ["-", "0", "0", "-"]) }
      for (place, method) in window.methods.enumerated() {
        let row = [method.name, "\(method.requests)", "\(method.errors)", number(method.p95)]
        table.rows.append((place == 0 ? head : ["", ""]) + row)
      }
    }
    let hidden = summary.windows.count - shownWindows
    return table.lines + (hidden > 0 ? ["\(hidden) earlier windows are in --json."] : [])
  }

  private static func bad(_ summary: LogSummary) -> [String] {
    guard !summary.bad.isEmpty else { return ["Every line could be read."] }
    return ["UNREADABLE"] + summary.bad.map { "\($0.file):\($0.number): \($0.fault.rawValue): \($0.excerpt)" }
  }

  private static func time(_ date: Date) -> String { date.formatted(.iso8601) }
  private static func text(_ text: String) -> String { text.isEmpty ? "-" : text }
  private static func number(_ number: Int?) -> String { number.map { "\($0)" } ?? "-" }
  private static func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
  private static func percent(_ share: Double?) -> String { share.map { decimal($0 * 100, 2) } ?? "-" }
}
