import Foundation
import NexyCore

/// What a log says, in figures.
///
/// A *request* is an RPC: it *started* with a line that decides `start`, and it *ended* with a line that has a method, a
/// `dur_ms` and one of the decisions `complete`, `collect_ack`, `error`, `abort`, `cancelled`, `reject`. Of these only
/// `error` is an error: a `reject` is the answer to a client's request, a `cancelled` the client's own will, and an
/// `abort` is told apart. *Error rate* is errors by ended requests. *Latency* is the `dur_ms` of `complete` and
/// `error`, of which the server alone decides; its percentiles are the values of the nearest rank.
package struct LogSummary: Equatable, Sendable {
  package var lines = 0
  package var unreadable = 0
  /// Unreadable lines by what is wrong with them, the commonest first.
  package var faults: [Count] = []
  /// The first unreadable lines.
  package var bad: [BadLine] = []
  /// Lines that were counted: readable, in the period, of the method asked for.
  package var records = 0
  /// The first and the last moment of the counted lines.
  package var span: ClosedRange<Date>?
  /// In the order of their names.
  package var methods: [Method] = []
  /// Requests that ended with `error`, `abort` or `reject`, the commonest first of each method.
  package var failures: [Failure] = []
  /// In the order of methods, then of decisions' frequency; lines without a method come first.
  package var decisions: [DecisionRate] = []
  package var streams = Streams()
  package var classes = Classes()
  /// What admission refused.
  package var refusals = Refusals()
  /// Five minutes each, in the order of time; a request belongs to that in which it ended. Those without a request,
  /// retry or abort are left out.
  package var windows: [Window] = []

  /// A name and how often it was seen.
  package struct Count: Equatable, Sendable {
    package var name: String
    package var count: Int
  }

  /// A line that is no record.
  package struct BadLine: Equatable, Sendable {
    package var file = ""
    /// Counted from 1 in its file.
    package var number: Int
    package var fault: LogFault
    /// Its first 120 characters, secrets masked and control characters replaced.
    package var excerpt: String

    init(number: Int, fault: LogFault, line: UnsafeRawBufferPointer) {
      self.number = number
      self.fault = fault
      // Masked before it is cut, so that no piece of a secret is too short to be one.
      let text = LogSummary.shown(Redaction.masked(String(decoding: line.prefix(1024), as: UTF8.self)))
      excerpt = text.count > 120 ? text.prefix(120) + "…" : text
    }
  }

  /// The requests of one method.
  package struct Method: Equatable, Sendable {
    package var name: String
    package var started = 0
    package var ended = 0
    package var complete = 0
    package var collectAcknowledged = 0
    package var errors = 0
    package var aborted = 0
    package var cancelled = 0
    package var rejected = 0
    /// Nil without an ended request.
    package var errorRate: Double?
    package var latency: Latency?
  }

  /// Milliseconds.
  package struct Latency: Equatable, Sendable {
    package var count: Int
    package var p50: Int
    package var p95: Int
    package var p99: Int
    package var maximum: Int
  }

  package struct Failure: Equatable, Sendable {
    package var method: String
    /// How the request ended.
    package var decision: String
    /// The gRPC status; empty when the line has none, as is `type`.
    package var code: String
    package var type: String
    package var count: Int
  }

  package struct DecisionRate: Equatable, Sendable {
    /// Empty for lines without a method.
    package var method: String
    package var decision: String
    package var count: Int
    /// Over the whole span; a span below one minute counts as one.
    package var perMinute: Double
  }

  package struct Streams: Equatable, Sendable {
    /// The greatest and the latest `active_streams`; nil when no line has one.
    package var maximum: Int?
    package var last: Int?
    package var acquired = 0
    package var released = 0
    /// Requests started minus ended: those running, and those whose start or end the log does not hold.
    package var openRequests = 0
  }

  /// The failed requests by `error_classified`.
  package struct Classes: Equatable, Sendable {
    package var transient = 0
    package var permanent = 0
    package var unclassified = 0
  }

  package struct Refusals: Equatable, Sendable {
    /// Lines that decide `stream_rejected` or `rate_limit_exceeded`.
    package var decisions: [Count] = []
    /// Ended requests whose `error_type` is a limit's.
    package var types: [Count] = []
    /// Streams that a limit kept out. Such a refusal may write a line of its own, end a request, or both, so the greater
    /// number counts, of the stream limit and the rate limit each.
    package var backpressure = 0
    /// `backpressure` by acquired streams; nil when none was.
    package var share: Double?
  }

  package struct Window: Equatable, Sendable {
    package var start: Date
    /// Lines that decide `retry` or `abort`, of every method and of none.
    package var retriesAndAborts = 0
    package var methods: [WindowMethod] = []
  }

  package struct WindowMethod: Equatable, Sendable {
    package var name: String
    package var requests: Int
    package var errors: Int
    /// Milliseconds; nil when no latency counts.
    package var p95: Int?
  }
}

extension LogSummary {
  /// A log's text as a terminal may see it: without characters that steer one.
  static func shown(_ text: String) -> String {
    let steering: [Unicode.GeneralCategory] = [.control, .format, .lineSeparator, .paragraphSeparator]
    let scalars = text.unicodeScalars.map { steering.contains($0.properties.generalCategory) ? "·" : $0 }
    return String(String.UnicodeScalarView(scalars))
  }
}
