import Foundation
import NexyCore

/// The one place that writes to standard output and standard error.
enum Terminal {
  /// A line for the person or program that reads the command's result.
  static func print(_ line: String) { write(line + "\n", to: .standardOutput) }

  /// A piece of a line, shown at once.
  static func show(_ text: String) { write(text, to: .standardOutput) }

  /// A line beside the result: progress, warnings, the log.
  static func error(_ line: String) { write(line + "\n", to: .standardError) }

  /// Replaces the line on standard error that the cursor stands in.
  static func status(_ text: String) { write("\r\u{1B}[K\(text)", to: .standardError) }

  /// What went wrong, and what is known about why; secrets are masked.
  static func complain(_ message: String, detail: String? = nil) {
    error("nexy: " + Redaction.masked(message))
    if let detail { error("  " + Redaction.masked(detail)) }
  }

  /// One JSON object or array on one line; keys in snake case, sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  private static func write(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}
