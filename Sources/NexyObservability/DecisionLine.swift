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
    var line = "ts=\(timestamp(date)) level=\(name(of: level)) scope=\(metadata[scopeKey].map(plain) ?? "server")"
    for key in [methodKey, decisionKey] {
      if let value = metadata[key] { line += " \(key)=\(plain(value))" }
    }
    let context = context(of: metadata)
    if !context.isEmpty { line += " ctx=\(json(.dictionary(context)))" }
    if let duration = metadata[durationKey] { line += " dur_ms=\(plain(duration))" }
    return line + " msg=\(onOneLine(Redaction.masked(message)))"
  }

  /// What has no field of its own.
  static func context(of metadata: Logger.Metadata) -> Logger.Metadata {
    metadata.filter { ![scopeKey, methodKey, decisionKey, durationKey].contains($0.key) }
  }

  static func plain(_ value: Logger.MetadataValue) -> String { onOneLine(Redaction.masked("\(value)")) }

  /// The predecessor's level names: Python's.
  static func name(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }

  /// ISO 8601 in UTC to the nearest millisecond.
  static func timestamp(_ date: Date) -> String {
    let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let whole = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601).dropLast()
    return whole + "." + String(String(1000 + abs(rest)).dropFirst()) + "+00:00"
  }

  /// Numbers stay numbers; every other value is a string; keys are sorted.
  static func json(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .dictionary(let members):
      let parts = members.sorted { $0.key < $1.key }.map { key, value in
        let secret = Redaction.isSecret(name: key)
        return "\(quoted(key)): \(secret ? quoted(Redaction.mask) : json(value))"
      }
      return "{\(parts.joined(separator: ", "))}"
    case .array(let elements):
      return "[\(elements.map(json).joined(separator: ", "))]"
    case .stringConvertible(let value as any BinaryFloatingPoint) where !Double(value).isFinite:
      return quoted("\(value)")
    case .stringConvertible(let value) where value is any BinaryInteger || value is any BinaryFloatingPoint:
      return "\(value)"
    case .stringConvertible(let value) where value is Bool:
      return "\(value)"
    case .string, .stringConvertible:
      return quoted(Redaction.masked(capped("\(value)")))
    }
  }

  /// No value makes a line long, whoever sent it: 1,024 bytes and how many there were.
  private static func capped(_ text: String) -> String {
    guard text.utf8.count > 1024 else { return text }
    return String(decoding: text.utf8.prefix(1024), as: UTF8.self) + "… (\(text.utf8.count) bytes)"
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default: result += escape(scalar) ?? String(scalar)
      }
    }
    return result + "\""
  }

  private static func onOneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { escape($0) != nil }) else { return text }
    return text.unicodeScalars.map { escape($0) ?? String($0) }.joined()
  }

  /// How JSON writes a control character or a line separator; nil for any other.
  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0x09: return "\\t"
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return nil
    }
  }
}
