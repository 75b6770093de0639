import ArgumentParser
import Foundation
import GRPCCore
import NexyCore
import NexyVoice
import NexyWire
import Synchronization

/// `nexy bench cancel`: how soon the model's and the engine's work stops after a client has cancelled.
struct BenchCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancels turns at random points and measures how long the model and the engine go on.",
    discussion: """
      The model talks without end and the engine speaks without end. The clock runs from the client's cancelling, over \
      loopback, to the cancelling of their tasks in the server. Both ends run in this process.
      """)

  @Option(help: "Turns that are cancelled.") var turns = 1000
  @Option(help: "Turns at the same time.") var inFlight = 8
  @Option(help: "The latest point of a cancel after the request, in milliseconds.") var latest = 40
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func validate() throws {
    guard turns > 0, (1...100).contains(inFlight), (1...60_000).contains(latest) else {
      throw ValidationError("--turns is at least 1, --in-flight is 1 to 100, --latest 1 to 60000.")
    }
  }

  func run() async throws {
    let stops = StopTimes()
    let turn = Turn(model: EndlessModel(stops: stops), synthesizer: EndlessEngine(stops: stops), rules: Turn.Rules())
    let (turns, inFlight, latest) = (turns, inFlight, latest)
    let start = ContinuousClock.now
    try await BenchServer.withNexy(turn: turn) { port in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<inFlight {
          group.addTask {
            let numbers = Array(stride(from: worker, to: turns, by: inFlight))
            // A connection may reset 200 streams in 30 seconds.
            for start in stride(from: 0, to: numbers.count, by: 100) {
              try await BenchClient.connected(port) { client in
                for number in numbers[start..<min(start + 100, numbers.count)] {
                  await Self.cancelled(client, number, latest, stops)
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      // What was cancelled last stops a little later.
      let deadline = ContinuousClock.now + .seconds(5)
      while stops.running > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
    }
    let seconds = (ContinuousClock.now - start).inSeconds
    let round = BenchRun.Round(
      subject: "nexy", seconds: seconds, count: turns, perSecond: Double(turns) / seconds, latencies: stops.latencies)
    let settings = ["turns": "\(turns)", "in_flight": "\(inFlight)", "latest": "\(latest)"]
    if json {
      try Terminal.json(BenchRun(name: "cancel", settings: settings, rounds: [round]))
    } else {
      Terminal.print("\(turns) turns cancelled up to \(latest) ms after their request, \(inFlight) at a time")
      for line in round.lines { Terminal.print(line) }
    }
    guard stops.running == 0 else {
      throw NexyError(.notStopped, "\(stops.running) calls of the model or the engine went on after their turns.")
    }
    guard !stops.latencies.isEmpty else {
      throw NexyError(.noneCancelled, "No call of the model or the engine was cancelled: nothing was measured.")
    }
  }

  private static func cancelled(
    _ client: BenchClient.Client, _ number: Int, _ latest: Int, _ stops: StopTimes
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let request = Streaming_StreamRequest.commit(
          "\(number)", device: "bench-\(number)", session: UUID().uuidString)
        // A cancelled call ends with an error, and is meant to.
        try? await client.streamAudio(request) { response in
          for try await _ in response.messages {}
        }
      }
      try? await Task.sleep(for: .microseconds(Int.random(in: 0...latest * 1000)))
      stops.cancelled(number)
      group.cancelAll()
    }
  }
}

/// When each turn was cancelled, and how much longer its model and its engine worked.
private final class StopTimes: Sendable {
  enum Worker: String { case model, engine }

  private struct State {
    var cancelled: [Int: ContinuousClock.Instant] = [:]
    var times: [Worker: LatencyHistogram] = [:]
    var running = 0
  }

  private let state = Mutex(State())

  /// Calls that have begun and not ended.
  var running: Int { state.withLock { $0.running } }

  func cancelled(_ turn: Int) { state.withLock { $0.cancelled[turn] = .now } }

  /// Works until it is cancelled, and notes how long after its turn that was.
  func work(_ worker: Worker, of turn: Int, _ body: () async throws -> Void) async throws {
    state.withLock { $0.running += 1 }
    defer {
      state.withLock { state in
        state.running -= 1
        guard let cancelled = state.cancelled[turn] else { return }
        state.times[worker, default: LatencyHistogram()].record(ContinuousClock.now - cancelled)
      }
    }
    try await body()
  }

  /// How long each went on after its turn was cancelled.
  var latencies: [String: BenchRun.Percentiles] {
    let times = state.withLock { $0.times }
    return Dictionary(uniqueKeysWithValues: times.map { ($0.key.rawValue, $0.value.percentiles) })
  }
}

/// Talks until it is cancelled; its words name its turn.
private struct EndlessModel: LanguageModel {
  let name = "endless"
  let stops: StopTimes

  func reply(
    to request: ModelRequest, emit: @escaping @Sendable (ModelDelta) async throws -> Void
  ) async throws {
    try await stops.work(.model, of: Int(request.prompt) ?? 0) {
      while true {
        try await emit(.text("Turn \(request.prompt) goes on and on. "))
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }
}

/// Speaks until it is cancelled.
private struct EndlessEngine: SpeechSynthesizer {
  let name = "endless"
  let sampleRate = AudioChunk.sampleRate
  let stops: StopTimes

  func speak(_ utterance: Utterance, emit: @escaping @Sendable ([Int16]) async throws -> Void) async throws {
    let turn = utterance.text.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
    try await stops.work(.engine, of: turn) {
      while true {
        try await emit([Int16](repeating: 1000, count: 2048))
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }
}

extension NexyError.Code {
  fileprivate static let notStopped = Self("not_stopped")
  fileprivate static let noneCancelled = Self("none_cancelled")
}
