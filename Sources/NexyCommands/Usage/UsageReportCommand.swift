import ArgumentParser
import NexyConfig
import NexyCore
import NexyProviders

/// `nexy usage report`: calls, tokens, characters, sound and cost, also while the server runs.
struct UsageReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Sums up usage and what it cost.",
    discussion: """
      Days are those of UTC, both ends are included. Prices come from USAGE_PRICES, such as \
      gemini-*=0.10/0.40, azure=15: of a million tokens in and out, and of a million characters. What has no price \
      there is named and never counted as free.

      Exit status: 0 done, 1 the database cannot be read, 2 wrong usage.
      """)

  @OptionGroup var flags: SettingsFlags
  @Option(help: "The first day, such as 2026-01-31.") var from: String?
  @Option(help: "The last day.") var to: String?
  @Option(help: "A line for each device, model or day.") var by: UsageGrouping?
  @Flag(help: "Print one JSON object instead of a table.") var json = false

  func validate() throws { _ = try period() }

  func run() async throws {
    let settings = try flags.load()
    let report = try await UsageReport.run(
      path: settings.databasePath, period: try period(), grouping: by,
      prices: try PriceTable(settings.usagePrices))
    if json { return try Terminal.json(UsageReportDocument.json(of: report)) }
    for line in UsageReportText.lines(of: report) { Terminal.print(line) }
  }

  private func period() throws -> UsagePeriod {
    do {
      return try UsagePeriod(from: from, to: to)
    } catch let error as NexyError {
      throw ValidationError(error.message)
    }
  }
}

extension UsageGrouping: ExpressibleByArgument {}
