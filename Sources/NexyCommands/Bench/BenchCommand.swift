import ArgumentParser

/// `nexy bench`: figures that anyone can print again.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures the server on this machine, against a peer in the same run.",
    subcommands: [BenchTurn.self, BenchLatency.self, BenchCancel.self])
}
