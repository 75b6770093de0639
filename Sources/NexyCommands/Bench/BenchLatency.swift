import ArgumentParser
import AsyncHTTPClient
import Foundation
import NexyConfig
import NexyCore
import NexyObservability
import NexyProviders
import NexyServer
import NexyVoice

/// `nexy bench latency`: what the server adds to the time of its providers.
struct BenchLatency: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Measures the time to first audio beyond what model and engine take, and the gaps between sentences.",
    discussion: """
      The providers are an HTTP server in this process whose timing is known, called by the same code that calls OpenAI, \
      with the system prompt, the memory and the account of usage of production (in a folder that is deleted). Added is \
      the time from the client's request to its first audio, less the time from the model's request to the first delta \
      of the second sentence, before which nobody can tell that the first one is over, less the time from the engine's \
      request to its first sound. A gap is how long a listener who plays what comes would wait inside the reply.
      """)

  @Option(help: "Turns at the same time.") var inFlight = 1
  @Option(help: "Turns in all.") var turns = 50
  @Option(help: "Milliseconds to the model's first delta.") var firstDelta = 100
  @Option(help: "Milliseconds between deltas.") var delta = 20
  @Option(help: "Milliseconds to the engine's first sound.") var firstSound = 80
  @Option(help: "Milliseconds of sound of one sentence.") var sound = 300
  @Option(help: "Time the engine takes over the length of its sound.") var realTimeFactor = 0.0
  @Option(help: "Sentences of one reply.") var sentences = 6
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func validate() throws {
    guard (1...1000).contains(inFlight), turns > 0, (2...100).contains(sentences), sound >= 100, realTimeFactor >= 0,
      firstDelta >= 0, delta >= 0, firstSound >= 0
    else { throw ValidationError("--in-flight is 1 to 1000, --sentences 2 to 100, --sound at least 100.") }
  }

  func run() async throws {
    let timing = UpstreamTiming(
      firstDelta: .milliseconds(firstDelta), delta: .milliseconds(delta), firstSound: .milliseconds(firstSound),
      sound: .milliseconds(sound), realTimeFactor: realTimeFactor, sentences: sentences)
    let upstream = BenchUpstream(timing: timing)
    let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-bench-\(UUID().uuidString)").path
    let client = HTTPClient(
      eventLoopGroup: HTTPClient.defaultEventLoopGroup,
      configuration: .upstream(connect: .seconds(3), connections: 4 * inFlight))
    let start = ContinuousClock.now
    let outcome: Result<[LatencyLoad.Measured], any Error>
    do {
      outcome = .success(try await measure(upstream, client, database: "\(folder)/nexy.sqlite"))
    } catch {
      outcome = .failure(error)
    }
    try await client.shutdown()
    try? FileManager.default.removeItem(atPath: folder)
    try show(try outcome.get(), in: (ContinuousClock.now - start).inSeconds)
  }

  private func measure(
    _ upstream: BenchUpstream, _ client: HTTPClient, database: String
  ) async throws -> [LatencyLoad.Measured] {
    let (ports, port) = AsyncStream<Int>.makeStream()
    let (turns, inFlight) = (turns, inFlight)
    return try await BenchServer.beside(ports, server: { try await upstream.run { port.yield($0) } }) { port in
      try await BenchServer.withNexy(turn: Self.turn(client, port, database)) { port in
        try await LatencyLoad.run(turns, inFlight: inFlight, port: port, notes: upstream.notes)
      }
    }
  }

  /// A turn as the server runs it.
  private static func turn(_ client: HTTPClient, _ port: Int, _ database: String) throws -> Turn {
    let base = "http://127.0.0.1:\(port)/v1"
    let flags = Set(FeatureFlag.all.filter { $0.kind == .feature }.map(\.key))
    let prompt = try AssistantPrompt.builtIn(flags: flags)
    let store = SQLiteStore(path: database)
    let (metrics, ledger) = (ServerMetrics(), SQLiteUsageLedger(store: store))
    let model = OpenAIModel(client: client, options: .init(model: "bench", baseURL: base)) { request, form in
      prompt.text(for: PromptFacts(request, form: form, flags: flags, date: PromptDate.text(for: Date())))
    }
    let engine = OpenAISynthesizer(options: .init(baseURL: base), client: client)
    return Turn(
      model: ModelChain([
        .init(
          MeteredModel(model, metrics: metrics, ledger: ledger), breaker: CircuitBreaker(), gate: CallGate(limit: 1000))
      ]) { _ in },
      synthesizer: SpeechChain([
        .init(
          MeteredSynthesizer(engine, metrics: metrics, ledger: ledger), breaker: CircuitBreaker(),
          gate: CallGate(limit: 3000))
      ]) { _ in },
      memory: SQLiteMemory(store: store), rules: Turn.Rules())
  }

  private func show(_ results: [LatencyLoad.Measured], in seconds: Double) throws {
    let latencies = [
      "first_audio": results.map(\.firstAudio), "added": results.map(\.added), "longest_gap": results.map(\.longestGap),
    ].mapValues { LatencyHistogram($0).percentiles }
    let round = BenchRun.Round(
      subject: "nexy", seconds: seconds, count: results.count, perSecond: Double(results.count) / seconds,
      latencies: latencies)
    if json { return try Terminal.json(BenchRun(name: "latency", settings: settings, rounds: [round])) }
    Terminal.print(
      "\(inFlight) at a time; first delta after \(firstDelta) ms, \(delta) ms between deltas, first sound after "
        + "\(firstSound) ms")
    for line in round.lines { Terminal.print(line) }
  }

  private var settings: [String: String] {
    [
      "in_flight": "\(inFlight)", "turns": "\(turns)", "first_delta": "\(firstDelta)", "delta": "\(delta)",
      "first_sound": "\(firstSound)", "sound": "\(sound)", "real_time_factor": "\(realTimeFactor)",
      "sentences": "\(sentences)",
    ]
  }
}
