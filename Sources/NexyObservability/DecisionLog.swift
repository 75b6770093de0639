import Foundation
import Logging
import NexyCore

/// The log of what the server decides: one line an event, as `DecisionLine` or `JSONLogLine` writes it.
package struct DecisionLog: Sendable {
  private let logger: Logger
  private let observer: (@Sendable (Decision, String?) -> Void)?

  /// - Parameters:
  ///   - level: Lines below it are not written.
  ///   - format: How a line is written.
  ///   - queue: Where lines are written; without one, at once.
  ///   - observer: Hears every decision and its method, also of lines that are not written.
  ///   - sink: Takes each finished line, without its newline.
  package init(
    level: Logger.Level, format: LogFormat = .decision, queue: LogQueue? = nil,
    observer: (@Sendable (Decision, String?) -> Void)? = nil, sink: @escaping @Sendable (String) -> Void
  ) {
    self.observer = observer
    logger = Logger(label: "nexy") { _ in DecisionLogHandler(logLevel: level, format: format, queue: queue, sink: sink)
    }
  }

  /// A log that nobody reads, for tests and benchmarks.
  package static let silent = DecisionLog(level: .critical) { _ in }

  /// Records one event.
  ///
  /// - Parameters:
  ///   - method: The RPC it belongs to, without its service's name.
  ///   - context: Facts for the line's `ctx`; never a user's words.
  ///   - duration: How long the thing took that now ended.
  package func record(
    _ decision: Decision, _ message: String, scope: LogScope, level: Logger.Level = .info, method: String? = nil,
    context: [String: Logger.MetadataValue] = [:], duration: Duration? = nil
  ) {
    observer?(decision, method)
    guard logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = context
    metadata[DecisionLine.scopeKey] = "\(scope.rawValue)"
    metadata[DecisionLine.decisionKey] = "\(decision.rawValue)"
    if let method { metadata[DecisionLine.methodKey] = "\(method)" }
    if let duration { metadata[DecisionLine.durationKey] = "\(duration.wholeMilliseconds)" }
    logger.log(level: level, "\(message)", metadata: metadata)
  }

  /// The same lines for a library that logs through swift-log.
  package func logger(label: String, level: Logger.Level) -> Logger {
    var logger = logger
    logger.logLevel = max(level, logger.logLevel)
    logger[metadataKey: DecisionLine.scopeKey] = "\(label)"
    return logger
  }
}

/// Writes every event as one line.
struct DecisionLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  let format: LogFormat
  let queue: LogQueue?
  let sink: @Sendable (String) -> Void

  init(logLevel: Logger.Level, format: LogFormat, queue: LogQueue?, sink: @escaping @Sendable (String) -> Void) {
    self.logLevel = logLevel
    self.format = format
    self.queue = queue
    self.sink = sink
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let (level, message, date) = (event.level, "\(event.message)", Date.now)
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let write: @Sendable () -> Void = { [format, sink] in
      sink(format.line(level: level, message: message, metadata: all, at: date))
    }
    if let queue { queue.add(write) } else { write() }
  }
}
