import GRPCCore
import GRPCNIOTransportHTTP2
import NexyWire
import SwiftProtobuf

/// The least that a gRPC server in Swift does: the messages of a turn of `scripted` and `tone`, and nothing behind them.
///
///     nexy-echo-peer PORT
///
/// A prompt of `think` is answered by nothing: a turn that is open.
@main
struct EchoPeer: Streaming_StreamingService.SimpleServiceProtocol {
  static func main() async throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    try await GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext), services: [EchoPeer()]
    ).serve()
  }

  /// Five sentences, 57 messages of audio and the terminal.
  private let messages: [Streaming_StreamResponse] =
    (1...5).map { number in .with { $0.textChunk = "This is sentence number \(number). " } }
    + (1...57).map { _ in
      .with { $0.audioChunk = Streaming_AudioChunk(samples: [Int16](repeating: 1000, count: 1945)[...]) }
    } + [.with { $0.endMessage = "Completed" }]

  func streamAudio(
    request: Streaming_StreamRequest, response: RPCWriter<Streaming_StreamResponse>, context: ServerContext
  ) async throws {
    if request.prompt == "think" { try await Task.sleep(for: .seconds(600)) }
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
