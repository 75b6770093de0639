import Logging
import NexyConfig
import NexyCore
import NexyObservability
import NexyServer

/// Where log lines go: always to standard error, and to a file when one is named.
enum LogAssembly {
  static func file(_ settings: Settings.Log, health: ServerHealth) throws -> LogFile? {
    try settings.file.map { path in
      try LogFile(
        path: path, maximumBytes: settings.fileLimit, backups: settings.backups,
        onRecovery: { health.clear(.log) }
      ) { error in
        health.note(.log, error.message)
        Terminal.complain(error.message, detail: error.fullDetail)
      }
    }
  }

  static func queue() -> LogQueue {
    LogQueue { Terminal.complain("\($0) log lines were dropped: standard error or the disk is too slow.") }
  }

  static func log(_ settings: Settings.Log, file: LogFile?, queue: LogQueue, metrics: ServerMetrics) -> DecisionLog {
    DecisionLog(
      level: level(settings.level), format: settings.form == .json ? .json : .decision, queue: queue,
      observer: { metrics.decided($0, method: $1) },
      sink: { line in
        // Whoever reads standard error finds the line in the file as well.
        file?.write(line)
        Terminal.error(line)
      })
  }

  private static func level(_ level: Settings.LogLevel) -> Logger.Level {
    switch level {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}
