import ArgumentParser
import Foundation
import NexyCore
import NexyObservability

/// `nexy logs stats`: requests, errors, latencies and limits, counted from the log.
struct LogsStats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Counts what log files say, in either log format.",
    discussion: """
      A request ends with a line that has a method, a dur_ms and decides complete, collect_ack, error, abort, cancelled \
      or reject; of these only error is an error. Latency is that of complete and error. Windows are five minutes.

      Exit status: 0 done, 1 no line could be read or a file is missing, 2 wrong usage.
      """)

  /// Below this a bar would be gone before it is read.
  private static let barBytes = 64 << 20

  @Argument(help: ArgumentHelp("Log files, also rotated ones; - is standard input.", valueName: "file"))
  var files: [String]
  @Option(help: "Count from here on: 45s, 30m, 2h or 1d ago, or an ISO 8601 time.") var since: String?
  @Option(help: "Count until here, given likewise.") var until: String?
  @Option(help: "Count this method only, such as StreamAudio.") var method: String?
  @Flag(help: "Print one JSON object instead of tables.") var json = false
  @Option(
    defaultAsFlag: 20, parsing: .next,
    help: ArgumentHelp("Show the first unreadable lines, 20 or as many as given.", valueName: "n"))
  var bad: Int?

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name a log file, or - for standard input.") }
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("Standard input can be read once.") }
    if let bad, bad < 1 { throw ValidationError("--bad is at least 1.") }
    _ = try period(now: .now)
  }

  func run() async throws {
    let empty = LogStatistics(period: try period(now: .now), method: method, keptBad: bad ?? 1)
    let scan = try LogScan(paths: files, counting: empty)
    let hasBar = scan.totalBytes > Self.barBytes && isatty(STDERR_FILENO) == 1
    let progress = hasBar ? ReadingProgress(totalBytes: scan.totalBytes) : nil
    let statistics = try await scan.run { progress?.read($0) }
    progress?.end()
    let summary = statistics.summary()
    if json {
      try Terminal.json(LogsStatsDocument.json(of: summary, bad: bad != nil))
    } else {
      for line in LogsStatsReport.lines(of: summary, showsBad: bad != nil) { Terminal.print(line) }
    }
    try complain(summary)
  }

  /// Says when the figures rest on nothing; only a log of which no line can be read is a failure.
  private func complain(_ summary: LogSummary) throws {
    if summary.lines == 0 { return Terminal.error("warning: the log has no line yet.") }
    if summary.lines == summary.unreadable {
      Terminal.complain(
        "None of \(summary.lines) lines is a line of the server's log: \(summary.bad.first?.fault.rawValue ?? "").",
        detail: "--bad shows them; read a journal with journalctl -o cat, a compressed file through zcat.")
      throw ExitCode.failure
    }
    if summary.records == 0 { Terminal.error("warning: no line is of this time and method.") }
  }

  private func period(now: Date) throws -> LogPeriod {
    let period = LogPeriod(
      since: try moment(since, "--since", now: now), until: try moment(until, "--until", now: now))
    guard !period.isEmpty else { throw ValidationError("--since is not before --until.") }
    return period
  }

  private func moment(_ text: String?, _ option: String, now: Date) throws -> Date? {
    guard let text else { return nil }
    guard let moment = LogPeriod.moment(text, now: now) else {
      throw ValidationError("\(option) \(text) is no time: write 30m, 2h, 1d or 2026-01-02T03:04:05Z.")
    }
    return moment
  }
}
