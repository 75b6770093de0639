import ArgumentParser

/// `nexy bench compare`: what changed from one run to another.
struct BenchCompare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares two runs of one benchmark: the ratio of each figure's medians, and its spread over the rounds.",
    discussion: """
      A ratio is the second run's median over the first's. The spread goes from the lowest to the highest ratio of any \
      two rounds; where it holds 1, the runs do not differ by more than their own rounds.
      """)

  @Argument(help: "What `nexy bench … --json` printed, the one to compare with.") var first: String
  @Argument(help: "The other one.") var second: String
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func run() async throws {
    let comparison = try RunComparison(BenchRun(readingFile: first), BenchRun(readingFile: second))
    if json { return try Terminal.json(comparison) }
    var table = TextTable(headings: ["subject ", "figure ", "first", "second", "ratio", "lowest", "highest"])
    for figure in comparison.figures {
      let numbers = [figure.first, figure.second, figure.ratio, figure.lowest, figure.highest]
      table.rows.append([figure.subject, figure.name] + numbers.map(BenchRun.Round.text))
    }
    for line in table.lines + comparison.remarks { Terminal.print(line) }
  }
}
