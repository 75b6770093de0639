import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Histogram
import NexyCore
import NexyWire

/// What one round of turns took.
struct BenchResult: Sendable {
  /// From the request to the first audio and to the end, in microseconds.
  var firstAudio: Histogram<UInt32>
  var whole: Histogram<UInt32>
  var turnsPerSecond: Double

  var line: String {
    String(format: "%5.0f turns/s", turnsPerSecond)
      + "  first audio \(Self.percentiles(firstAudio))  whole turn \(Self.percentiles(whole))"
  }

  private static func percentiles(_ histogram: Histogram<UInt32>) -> String {
    [50.0, 95.0, 99.0].map { percentile in
      let value = Double(histogram.valueAtPercentile(percentile)) / 1000
      return "p\(Int(percentile)) \(String(format: "%.2f", value)) ms"
    }.joined(separator: " ")
  }
}

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

  static func measure(_ turns: Int, inFlight: Int, port: Int) async throws -> BenchResult {
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
      return result(times, in: ContinuousClock.now - start)
    }
  }

  private static func result(_ times: [(Duration, Duration)], in total: Duration) -> BenchResult {
    var firstAudio = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
    var whole = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
    for (first, end) in times {
      firstAudio.record(UInt64(first / .microseconds(1)))
      whole.record(UInt64(end / .microseconds(1)))
    }
    return BenchResult(
      firstAudio: firstAudio, whole: whole, turnsPerSecond: Double(times.count) / (total / .seconds(1)))
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
