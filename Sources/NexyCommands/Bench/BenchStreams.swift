import ArgumentParser
import NexyCore

/// `nexy bench streams`: turns of a server, by the wire alone.
struct BenchStreams: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams",
    abstract: "Holds turns with a server, so many at a time or so many a second, and measures what clients wait for.",
    discussion: """
      Without --port a server of this program is started for it, with the scripted model and the tone engine, and ended \
      with it. Any other that answers StreamAudio with audio and a terminal can be measured with the same load.

      Without --rate the loop is closed: a turn begins when one has ended, which shows what the server can do. With it \
      the loop is open: turns are meant to begin at that rate, whatever the server does, and their latencies count from \
      that moment, so that a server which stalls cannot hide who waited meanwhile.
      """)

  @Option(help: "The server's host.") var host = "127.0.0.1"
  @Option(help: "The server's gRPC port; without it a server is started.") var port: Int?
  @Option(help: "Turns at the same time, at most.") var inFlight = 50
  @Option(help: "Connections; without it one for each 50 turns at the same time.") var connections: Int?
  @Option(help: "What is said in each turn.") var prompt = "Tell me something."
  @OptionGroup var load: LoadOptions

  func validate() throws {
    guard (1...5000).contains(inFlight), (1...1000).contains(connections ?? 1), (1...65_535).contains(port ?? 1) else {
      throw ValidationError("--in-flight is 1 to 5000, --connections 1 to 1000, --port 1 to 65535.")
    }
  }

  func run() async throws {
    let connections = connections ?? (inFlight + 49) / 50
    let streams = StreamLoad(prompt: prompt, plan: load.plan(inFlight: inFlight), connections: connections)
    let rounds: [BenchRun.Round]
    if let port {
      rounds = try await streams.rounds(load.rounds, host: host, port: port)
    } else {
      rounds = try await OwnServer(limits: ["BACKPRESSURE_MAX_STREAMS": "\(inFlight)"]).run { [load] ports in
        try await streams.rounds(load.rounds, host: "127.0.0.1", port: ports.grpc)
      }
    }
    let settings = ["in_flight": "\(inFlight)", "connections": "\(connections)"]
    try load.show(BenchRun(name: "streams", settings: settings.merging(load.settings) { $1 }, rounds: rounds))
  }
}
