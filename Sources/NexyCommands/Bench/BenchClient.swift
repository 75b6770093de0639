import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import NexyCore
import NexyWire

/// The load: turns over one connection.
enum BenchClient {
  typealias Client = Streaming_StreamingService.Client<HTTP2ClientTransport.Posix>

  /// The messages of one turn.
  static func messages(port: Int) async throws -> [Streaming_StreamResponse] {
    try await connected(port) { client in
      try await client.streamAudio(request("warm-up")) { response in
        try await response.messages.reduce(into: []) { $0.append($1) }
      }
    }
  }

  /// One round of turns, each worker's one after the other.
  static func measure(_ turns: Int, inFlight: Int, port: Int, subject: String) async throws -> BenchRun.Round {
    try await connected(port) { client in
      for _ in 0..<min(50, turns) { _ = try await turn(client, device: "warm-up") }
      let start = ContinuousClock.now
      let times = try await withThrowingTaskGroup(of: [(Duration, Duration)].self) { group in
        for worker in 0..<inFlight {
          group.addTask {
            var times: [(Duration, Duration)] = []
            for _ in stride(from: worker, to: turns, by: inFlight) {
              times.append(try await turn(client, device: "bench-\(worker)"))
            }
            return times
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      let total = (ContinuousClock.now - start).inSeconds
      return BenchRun.Round(
        subject: subject, seconds: total, count: times.count, perSecond: Double(times.count) / total,
        latencies: [
          "first_audio": LatencyHistogram(times.map(\.0)).percentiles,
          "whole": LatencyHistogram(times.map(\.1)).percentiles,
        ])
    }
  }

  private static func turn(_ client: Client, device: String) async throws -> (firstAudio: Duration, whole: Duration) {
    let start = ContinuousClock.now
    return try await client.streamAudio(request(device)) { response in
      var firstAudio: Duration?
      var ended = false
      for try await message in response.messages {
        if firstAudio == nil, case .audioChunk = message.content { firstAudio = ContinuousClock.now - start }
        if case .endMessage = message.content { ended = true }
      }
      guard let firstAudio, ended else {
        throw NexyError(.badTurn, "A turn of the benchmark ended without audio or without its terminal.")
      }
      return (firstAudio, ContinuousClock.now - start)
    }
  }

  private static func request(_ device: String) -> Streaming_StreamRequest {
    .commit("Tell me something.", device: device, session: UUID().uuidString)
  }

  static func connected<Result: Sendable>(
    _ port: Int, _ body: @escaping @Sendable (Client) async throws -> Result
  ) async throws -> Result {
    try await withGRPCClient(
      transport: HTTP2ClientTransport.Posix(
        target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
    ) { client in
      try await body(Client(wrapping: client))
    }
  }
}

extension NexyError.Code {
  static let badTurn = Self("bad_turn")
}
