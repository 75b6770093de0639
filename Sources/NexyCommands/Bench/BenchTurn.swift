import ArgumentParser
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import NexyProviders
import NexyVoice
import NexyWire

/// `nexy bench turn`: whole turns over loopback, and a plain gRPC service that sends the same messages.
struct BenchTurn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "turn",
    abstract: "Runs turns of five sentences with scripted and tone on one connection, and a peer beside it.",
    discussion: """
      The peer is a gRPC service without a turn: it sends the very messages that the first turn sent. Both run in this \
      process with their client, over loopback, one after the other, in several rounds; the medians are printed.
      """)

  @Option(help: "Turns a round.") var turns = 1000
  @Option(help: "Rounds of each.") var rounds = 3
  @Option(help: "Turns at the same time on the one connection.") var inFlight = 1
  @Flag(help: "Print one JSON object instead of text.") var json = false

  func validate() throws {
    guard turns > 0, rounds > 0, (1...100).contains(inFlight) else {
      throw ValidationError("--turns and --rounds are at least 1, --in-flight is 1 to 100.")
    }
  }

  func run() async throws {
    let demonstration = Turn(
      model: ScriptedModel(script: ScriptedModel.demonstration), synthesizer: ToneSynthesizer(), rules: Turn.Rules())
    let sample = try await BenchServer.withNexy(turn: demonstration) { try await BenchClient.messages(port: $0) }
    let audio = sample.filter { if case .audioChunk = $0.content { true } else { false } }.count
    if !json { Terminal.print("\(sample.count) messages a turn, \(audio) of them audio; \(inFlight) at a time") }
    var results: [BenchRun.Round] = []
    for _ in 0..<rounds {
      let nexy = try await BenchServer.withNexy(turn: demonstration) {
        try await BenchClient.measure(turns, inFlight: inFlight, port: $0, subject: "nexy")
      }
      let peer = try await Self.withPeer(sample) {
        try await BenchClient.measure(turns, inFlight: inFlight, port: $0, subject: "peer")
      }
      results += [nexy, peer]
      if !json { for line in nexy.lines + peer.lines { Terminal.print(line) } }
    }
    if json {
      let settings = ["turns": "\(turns)", "in_flight": "\(inFlight)"]
      return try Terminal.json(BenchRun(name: "turn", settings: settings, rounds: results))
    }
    let nexy = Self.median(of: "nexy", in: results)
    let peer = Self.median(of: "peer", in: results)
    Terminal.print(
      String(format: "median: nexy %.0f turns/s, peer %.0f turns/s, ratio %.2f", nexy, peer, nexy / peer))
  }

  private static func median(of subject: String, in rounds: [BenchRun.Round]) -> Double {
    RunComparison.median(rounds.filter { $0.subject == subject }.map(\.perSecond))
  }

  /// Runs `body` beside the peer on a free port.
  private static func withPeer<Result: Sendable>(
    _ messages: [Streaming_StreamResponse], _ body: @escaping @Sendable (Int) async throws -> Result
  ) async throws -> Result {
    let server = GRPCServer(
      transport: HTTP2ServerTransport.Posix(address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
      services: [PeerService(messages: messages)])
    let (ports, port) = AsyncStream<Int>.makeStream()
    return try await BenchServer.beside(
      ports,
      server: {
        try await withThrowingDiscardingTaskGroup { group in
          group.addTask { try await server.serve() }
          port.yield(try await server.transport.listeningAddress.ipv4?.port ?? 0)
        }
      }, body)
  }
}

/// The bare service: nothing between the request and the messages.
private struct PeerService: Streaming_StreamingService.SimpleServiceProtocol {
  let messages: [Streaming_StreamResponse]

  func streamAudio(
    request: Streaming_StreamRequest, response: RPCWriter<Streaming_StreamResponse>, context: ServerContext
  ) async throws {
    for message in messages { try await response.write(message) }
  }

  func interruptSession(
    request: Streaming_InterruptRequest, context: ServerContext
  ) async throws -> Streaming_InterruptResponse { Streaming_InterruptResponse() }

  func generateWelcomeAudio(
    request: Streaming_WelcomeRequest, response: RPCWriter<Streaming_WelcomeResponse>, context: ServerContext
  ) async throws {}

  func reportUsage(
    request: Streaming_UsageRequest, context: ServerContext
  ) async throws -> Streaming_UsageResponse { Streaming_UsageResponse() }
}
