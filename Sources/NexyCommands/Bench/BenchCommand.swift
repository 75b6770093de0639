import ArgumentParser

/// `nexy bench`: figures that anyone can print again.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the server on this machine, and compares runs.",
    subcommands: [
      BenchTurn.self, BenchLatency.self, BenchStreams.self, BenchCancel.self, BenchUpdates.self, BenchCompare.self,
    ])
}
