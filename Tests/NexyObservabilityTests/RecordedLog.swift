import Foundation
import Logging
import Synchronization

@testable import NexyObservability

/// A decision log whose lines a test can read.
final class RecordedLog: Sendable {
  private let written = Mutex([String]())

  var lines: [String] { written.withLock { $0 } }

  func log(level: Logger.Level = .debug) -> DecisionLog {
    DecisionLog(level: level) { [self] line in written.withLock { $0.append(line) } }
  }
}

/// A line taken apart by the shape that the operator's tools expect.
struct ParsedLine {
  let timestamp: String
  let level: String
  let scope: String
  let method: String?
  let decision: String?
  let context: String?
  let milliseconds: String?
  let message: String

  /// Nil when the line has another shape.
  init?(_ line: String) {
    // `.` matches no line terminator, so a line that holds one does not match.
    let shape =
      #/ts=(\S+) level=(\S+) scope=(\S+)(?: method=(\S+))?(?: decision=(\S+))?(?: ctx=(\{.*?\}))?(?: dur_ms=(\d+))? msg=(.*)/#
    guard let match = try? shape.wholeMatch(in: line) else { return nil }
    timestamp = String(match.1)
    level = String(match.2)
    scope = String(match.3)
    method = match.4.map(String.init)
    decision = match.5.map(String.init)
    context = match.6.map(String.init)
    milliseconds = match.7.map(String.init)
    message = String(match.8)
  }
}

extension String {
  /// Whether a tool that reads lines would see more than one here.
  var holdsLineBreak: Bool {
    unicodeScalars.contains { ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains($0) }
  }
}
