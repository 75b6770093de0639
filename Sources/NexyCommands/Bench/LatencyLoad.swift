import Foundation
import GRPCCore
import NexyCore
import NexyWire

/// Turns that a number of clients hold, each on its own connection, and what they waited for.
enum LatencyLoad {
  struct Measured: Sendable {
    /// From the request to the first audio.
    var firstAudio: Duration
    /// That, less what the upstream took.
    var added: Duration
    /// The longest time that a listener who plays what comes would hear nothing inside the reply.
    var longestGap: Duration
  }

  /// Clients begin one after the other, so that they do not march in step.
  static func run(_ turns: Int, inFlight: Int, port: Int, notes: UpstreamNotes) async throws -> [Measured] {
    try await withThrowingTaskGroup(of: [Measured].self) { group in
      for worker in 0..<inFlight {
        group.addTask {
          try await Task.sleep(for: .milliseconds(1500) * (Double(worker) / Double(inFlight)))
          return try await BenchClient.connected(port) { client in
            // The first turn opens what the others find open.
            _ = try await turn(0, worker, client, notes)
            var results: [Measured] = []
            for number in stride(from: worker + 1, through: turns, by: inFlight) {
              if let result = try await turn(number, worker, client, notes) { results.append(result) }
            }
            return results
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func turn(
    _ number: Int, _ worker: Int, _ client: BenchClient.Client, _ notes: UpstreamNotes
  ) async throws -> Measured? {
    // A number that stands nowhere else in the reply.
    let name = "\(number == 0 ? 2_000_000 + worker : 1_000_000 + number)"
    let request = Streaming_StreamRequest.commit(name, device: "bench-\(worker)", session: UUID().uuidString)
    let start = ContinuousClock.now
    return try await client.streamAudio(request) { response in
      var firstAudio: ContinuousClock.Instant?
      var playedUntil = start
      var longestGap = Duration.zero
      var ended = false
      for try await message in response.messages {
        let now = ContinuousClock.now
        switch message.content {
        case .audioChunk:
          if firstAudio == nil {
            firstAudio = now
            playedUntil = now
          }
          longestGap = max(longestGap, now - playedUntil)
          playedUntil = max(playedUntil, now) + message.sound
        case .endMessage: ended = true
        default: break
        }
      }
      guard ended, let firstAudio, let share = notes.share(of: name) else {
        throw NexyError(.badTurn, "A turn of the benchmark ended without audio, its terminal or its upstream.")
      }
      let waited = firstAudio - start
      return number == 0 ? nil : Measured(firstAudio: waited, added: waited - share, longestGap: longestGap)
    }
  }
}
