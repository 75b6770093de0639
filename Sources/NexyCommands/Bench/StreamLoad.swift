import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import NexyCore
import NexyWire

/// Turns as a load, over a number of connections.
struct StreamLoad: Sendable {
  /// How long one turn may take.
  private static let limit = Duration.seconds(60)

  let prompt: String
  let plan: LoadPlan
  let connections: Int

  /// Runs rounds against a server, after one turn that shows that it answers.
  ///
  /// - Throws: `NexyError` with code `unreachable` where that turn fails, or `badTurn` where it brings no audio.
  func rounds(_ count: Int, host: String, port: Int) async throws -> [BenchRun.Round] {
    let clients = try (0..<connections).map { _ in try Self.client(host, port) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients { group.addTask { try await client.runConnections() } }
      defer { for client in clients { client.beginGracefulShutdown() } }
      let services = clients.map { Streaming_StreamingService.Client(wrapping: $0) }
      let first = try await firstTurn(services[0], host, port)
      var rounds: [BenchRun.Round] = []
      for _ in 0..<count {
        let load = LoadRun(plan: plan, clock: ContinuousClock(), figures: ["first_audio", "whole"])
        let tally = try await load.run { worker, start in
          let turn = try await turn(services[worker % services.count], worker, from: start)
          return [turn.firstAudio, turn.whole]
        }
        rounds.append(
          tally.round(
            of: "server",
            amounts: [
              "messages_per_turn": Double(first.messages), "audio_bytes_per_turn": Double(first.audioBytes),
              "turns_with_warm_up": Double(tally.endedWell),
            ]))
      }
      return rounds
    }
  }

  private typealias Service = Streaming_StreamingService.Client<HTTP2ClientTransport.Posix>

  private struct Turn {
    var messages = 0
    var audioBytes = 0
    var firstAudio = Duration.zero
    var whole = Duration.zero
  }

  private func firstTurn(_ service: Service, _ host: String, _ port: Int) async throws -> Turn {
    do {
      return try await turn(service, 0, from: .now)
    } catch let error as RPCError {
      throw NexyError(
        .unreachable, "\(host):\(port) does not answer a turn: \(error.code). Start a server, or leave --port out.",
        detail: error.message)
    }
  }

  private func turn(_ service: Service, _ worker: Int, from start: ContinuousClock.Instant) async throws -> Turn {
    let request = Streaming_StreamRequest.commit(
      prompt, device: "bench-\(worker)", session: UUID().uuidString.lowercased())
    var options = CallOptions.defaults
    options.timeout = Self.limit
    // Fail at once where nobody listens.
    options.waitForReady = false
    return try await service.streamAudio(request, options: options) { response in
      var turn = Turn()
      var firstAudio: Duration?
      var hasEnded = false
      for try await message in response.messages {
        turn.messages += 1
        switch message.content {
        case .audioChunk(let chunk):
          turn.audioBytes += chunk.audioData.count
          if firstAudio == nil { firstAudio = ContinuousClock.now - start }
        case .endMessage: hasEnded = true
        default: break
        }
      }
      guard let firstAudio, hasEnded else {
        throw NexyError(.badTurn, "A turn of the benchmark ended without audio or without its terminal.")
      }
      turn.firstAudio = firstAudio
      turn.whole = ContinuousClock.now - start
      return turn
    }
  }

  private static func client(_ host: String, _ port: Int) throws -> GRPCClient<HTTP2ClientTransport.Posix> {
    do {
      return GRPCClient(
        transport: try .http2NIOPosix(target: .dns(host: host, port: port), transportSecurity: .plaintext))
    } catch {
      throw NexyError(.unreachable, "\(host):\(port) is no address; check --host and --port.", cause: error)
    }
  }
}
