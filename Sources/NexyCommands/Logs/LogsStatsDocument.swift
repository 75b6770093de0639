import Foundation
import NexyCore
import NexyObservability

/// The figures as a program reads them: one object whose keys are always there; times in UTC, rates as fractions of 1.
enum LogsStatsDocument {
  static func json(of summary: LogSummary, bad: Bool) -> JSONValue {
    [
      "lines": integer(summary.lines),
      "unreadable_lines": integer(summary.unreadable),
      "unreadable_reasons": list(summary.faults, count),
      "bad_lines": bad ? list(summary.bad, badLine) : [],
      "counted_lines": integer(summary.records),
      "first": time(summary.span?.lowerBound),
      "last": time(summary.span?.upperBound),
      "methods": list(summary.methods, method),
      "failures": list(summary.failures, failure),
      "decisions": list(summary.decisions, decision),
      "streams": streams(summary.streams),
      "error_classes": [
        "transient": integer(summary.classes.transient), "permanent": integer(summary.classes.permanent),
        "unclassified": integer(summary.classes.unclassified),
      ],
      "limits": limits(summary.refusals),
      "windows": list(summary.windows, window),
    ]
  }

  private static func badLine(_ line: LogSummary.BadLine) -> JSONValue {
    [
      "file": .string(line.file), "line": integer(line.number), "reason": .string(line.fault.rawValue),
      "excerpt": .string(line.excerpt),
    ]
  }

  private static func method(_ method: LogSummary.Method) -> JSONValue {
    [
      "method": .string(method.name),
      "started": integer(method.started),
      "ended": integer(method.ended),
      "complete": integer(method.complete),
      "collect_ack": integer(method.collectAcknowledged),
      "error": integer(method.errors),
      "abort": integer(method.aborted),
      "cancelled": integer(method.cancelled),
      "reject": integer(method.rejected),
      "error_rate": number(method.errorRate),
      "latencies": integer(method.latency?.count ?? 0),
      "p50_ms": integer(method.latency?.p50),
      "p95_ms": integer(method.latency?.p95),
      "p99_ms": integer(method.latency?.p99),
      "max_ms": integer(method.latency?.maximum),
    ]
  }

  private static func failure(_ failure: LogSummary.Failure) -> JSONValue {
    [
      "method": .string(failure.method), "decision": .string(failure.decision), "error_code": text(failure.code),
      "error_type": text(failure.type), "count": integer(failure.count),
    ]
  }

  private static func decision(_ rate: LogSummary.DecisionRate) -> JSONValue {
    [
      "method": text(rate.method), "decision": .string(rate.decision), "count": integer(rate.count),
      "per_minute": .number(rate.perMinute),
    ]
  }

  private static func streams(_ streams: LogSummary.Streams) -> JSONValue {
    [
      "active_maximum": integer(streams.maximum), "active_last": integer(streams.last),
      "acquired": integer(streams.acquired), "released": integer(streams.released),
      "open_requests": integer(streams.openRequests),
    ]
  }

  private static func limits(_ refusals: LogSummary.Refusals) -> JSONValue {
    [
      "decisions": list(refusals.decisions, count), "error_types": list(refusals.types, count),
      "backpressure_rejects": integer(refusals.backpressure), "backpressure_share": number(refusals.share),
    ]
  }

  private static func window(_ window: LogSummary.Window) -> JSONValue {
    [
      "start": time(window.start),
      "retries_and_aborts": integer(window.retriesAndAborts),
      "methods": list(window.methods) { method in
        [
          "method": .string(method.name), "requests": integer(method.requests), "error": integer(method.errors),
          "p95_ms": integer(method.p95),
        ]
      },
    ]
  }

  private static func count(_ count: LogSummary.Count) -> JSONValue {
    ["name": .string(count.name), "count": integer(count.count)]
  }

  private static func list<Element>(_ elements: [Element], _ json: (Element) -> JSONValue) -> JSONValue {
    .array(elements.map(json))
  }

  private static func integer(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
  private static func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
  private static func text(_ text: String) -> JSONValue { text.isEmpty ? .null : .string(text) }

  private static func time(_ date: Date?) -> JSONValue {
    date.map { .string($0.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))) } ?? .null
  }
}
