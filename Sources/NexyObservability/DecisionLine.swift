import Foundation
import Logging
import NexyCore

/// One line of the decision log, in the shape the operator's tools already read:
///
/// `ts=<UTC> level=<L> scope=<s> [method=<m>] [decision=<d>] [ctx=<json>] [dur_ms=<int>] msg=<text>`
///
/// Fields stand in this order, one blank between; newlines in values are escaped, secrets masked.
package enum DecisionLine {
  static let scopeKey = "scope"
  static let methodKey = "method"
  static let decisionKey = "decision"
  static let durationKey = "dur_ms"

  static func format(level: Logger.Level, message: String, metadata: Logger.Metadata, at date: Date) -> String {
    var line = "ts=\(timestamp(date)) level=\(name(of: level)) scope=\(metadata[scopeKey].map { "\($0)" } ?? "server")"
    for key in [methodKey, decisionKey] {
      if let value = metadata[key] { line += " \(key)=\(value)" }
    }
    let context = metadata.filter { ![scopeKey, methodKey, decisionKey, durationKey].contains($0.key) }
    if !context.isEmpty { line += " ctx=\(json(.dictionary(context)))" }
    if let duration = metadata[durationKey] { line += " dur_ms=\(duration)" }
    line += " msg=\(message)"
    return escapingNewlines(Redaction.masked(line))
  }

  /// The predecessor's level names: Python's.
  private static func name(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }

  private static func timestamp(_ date: Date) -> String {
    date.formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true).year().month().day().timeSeparator(.colon)
        .time(includingFractionalSeconds: true)
    ) + "+00:00"
  }

  /// Numbers stay numbers; every other value is a string; keys are sorted.
  private static func json(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .dictionary(let members):
      let parts = members.sorted { $0.key < $1.key }.map { key, value in
        let secret = Redaction.isSecret(name: key)
        return "\(quoted(key)): \(secret ? quoted(Redaction.mask) : json(value))"
      }
      return "{\(parts.joined(separator: ", "))}"
    case .array(let elements):
      return "[\(elements.map(json).joined(separator: ", "))]"
    case .stringConvertible(let value) where value is any BinaryInteger || value is any BinaryFloatingPoint:
      return "\(value)"
    case .stringConvertible(let value) where value is Bool:
      return "\(value)"
    case .string, .stringConvertible:
      return quoted("\(value)")
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func escapingNewlines(_ line: String) -> String {
    guard line.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) || line.unicodeScalars.contains("\u{2028}") else {
      return line
    }
    var result = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\u{2028}", "\u{2029}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
