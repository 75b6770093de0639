import Foundation
import Logging
import NexyCore

/// How a line of the log is written: `LOG_FORMAT`.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `DecisionLine`, which the operator's tools read.
  case decision
  /// `JSONLogLine`, for `jq` and log collectors.
  case json

  func line(level: Logger.Level, message: String, metadata: Logger.Metadata, at date: Date) -> String {
    switch self {
    case .decision: DecisionLine.format(level: level, message: message, metadata: metadata, at: date)
    case .json: JSONLogLine.format(level: level, message: message, metadata: metadata, at: date)
    }
  }
}

/// One line of the log as a JSON object:
///
/// `{"ts": …, "level": …, "scope": …[, "method": …][, "decision": …], "ctx": {…}[, "dur_ms": …], "msg": …}`
///
/// Members stand in this order; values are masked and cut as in a `DecisionLine`.
enum JSONLogLine {
  static func format(level: Logger.Level, message: String, metadata: Logger.Metadata, at date: Date) -> String {
    var line = #"{"ts": "\#(DecisionLine.timestamp(date))", "level": "\#(DecisionLine.name(of: level))""#
    line += #", "scope": \#(metadata[DecisionLine.scopeKey].map(text) ?? #""server""#)"#
    for key in [DecisionLine.methodKey, DecisionLine.decisionKey] {
      if let value = metadata[key] { line += #", "\#(key)": \#(text(value))"# }
    }
    var context = DecisionLine.context(of: metadata)
    var end = ""
    if let value = metadata[DecisionLine.durationKey] {
      // A duration that is no number would break its readers; it stays among the other facts.
      if let duration = Int64("\(value)") { end = #", "dur_ms": \#(duration)"# } else { context["dur_ms"] = value }
    }
    line += #", "ctx": \#(DecisionLine.json(.dictionary(context)))"# + end
    return line + #", "msg": \#(DecisionLine.quoted(Redaction.masked(message)))}"#
  }

  private static func text(_ value: Logger.MetadataValue) -> String {
    DecisionLine.quoted(Redaction.masked("\(value)"))
  }
}
