import ArgumentParser
import AsyncHTTPClient
import Foundation
import Histogram
import NexyCore
import NexyProviders
import NexyVoice
import NexyWire
import Synchronization

/// `nexy bench latency`: what the server adds to the time of its providers.
struct BenchLatency: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Measures the time to first audio beyond what model and engine take, and the gaps between sentences.",
    discussion: """
      The providers are an HTTP server in this process whose timing is known, called by the same code that calls OpenAI. \
      Added is the time from the client's request to its first audio, less the time from the model's request to the \
      delta that ends the first sentence, less the time from the engine's request to its first sound. A gap is how long \
      a listener who plays what comes would wait inside the reply.
      """)

  @Option(help: "Turns at the same time.") var inFlight = 1
  @Option(help: "Turns in all.") var turns = 50
  @Option(help: "Milliseconds to the model's first delta.") var firstDelta = 100
  @Option(help: "Milliseconds between deltas.") var delta = 20
  @Option(help: "Milliseconds to the engine's first sound.") var firstSound = 80
  @Option(help: "Milliseconds of sound of one sentence.") var sound = 300
  @Option(help: "Time the engine takes over the length of its sound.") var realTimeFactor = 0.0
  @Option(help: "Sentences of one reply.") var sentences = 6

  func validate() throws {
    guard (1...1000).contains(inFlight), turns > 0, (1...100).contains(sentences), sound >= 100, realTimeFactor >= 0,
      firstDelta >= 0, delta >= 0, firstSound >= 0
    else { throw ValidationError("--in-flight is 1 to 1000, --sentences 1 to 100, --sound at least 100.") }
  }

  func run() async throws {
    let timing = UpstreamTiming(
      firstDelta: .milliseconds(firstDelta), delta: .milliseconds(delta), firstSound: .milliseconds(firstSound),
      sound: .milliseconds(sound), realTimeFactor: realTimeFactor, sentences: sentences)
    let upstream = BenchUpstream(timing: timing)
    let client = HTTPClient(
      eventLoopGroup: HTTPClient.defaultEventLoopGroup,
      configuration: .upstream(connect: .seconds(3), connections: 4 * inFlight))
    let (ports, port) = AsyncStream<Int>.makeStream()
    let (turns, inFlight) = (turns, inFlight)
    let results = try await BenchServer.beside(ports, server: { try await upstream.run { port.yield($0) } }) { port in
      try await BenchServer.withNexy(turn: Self.turn(client, port)) { port in
        try await LatencyLoad.run(turns, inFlight: inFlight, port: port, notes: upstream.notes)
      }
    }
    try await client.shutdown()
    show(results)
  }

  /// The production path: chains with breakers and gates around the adapters.
  private static func turn(_ client: HTTPClient, _ port: Int) -> Turn {
    let base = "http://127.0.0.1:\(port)/v1"
    let model = OpenAIModel(
      client: client, options: .init(model: "bench", baseURL: base, replyForm: .json), instructions: { _, _ in "Talk." }
    )
    let engine = OpenAISynthesizer(options: .init(baseURL: base), client: client)
    return Turn(
      model: ModelChain([.init(model, breaker: CircuitBreaker(), gate: CallGate(limit: 1000))]) { _ in },
      synthesizer: SpeechChain([.init(engine, breaker: CircuitBreaker(), gate: CallGate(limit: 3000))]) { _ in },
      rules: Turn.Rules())
  }

  private func show(_ results: [LatencyLoad.Result]) {
    Terminal.print(
      "\(results.count) turns, \(inFlight) at a time; first delta after \(firstDelta) ms, \(delta) ms between deltas, "
        + "first sound after \(firstSound) ms")
    Terminal.print("first audio  \(Self.figures(results.map(\.firstAudio)))")
    Terminal.print("added        \(Self.figures(results.map(\.added)))")
    Terminal.print("longest gap  \(Self.figures(results.map(\.longestGap)))")
  }

  private static func figures(_ durations: [Duration]) -> String {
    let sorted = durations.sorted()
    return [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)].map { name, share in
      let value = sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
      return "\(name) \(String(format: "%.1f", value / .milliseconds(1))) ms"
    }.joined(separator: "  ")
  }
}
