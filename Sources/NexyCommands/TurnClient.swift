import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import NexyCore
import NexyObservability
import NexyWire

/// One turn as it was heard.
struct HeardTurn: Sendable {
  var text = ""
  var samples: [Int16] = []
  var audioChunks = 0
  var actionJSON: String?
  var endMessage: String?
  /// The terminal error, or what the connection said.
  var error: String?
  /// The gRPC status: `ok` or an error code.
  var status = "ok"
  var firstText: Duration?
  var firstAudio: Duration?

  /// Takes the next message of the stream.
  mutating func take(_ response: Streaming_StreamResponse, at elapsed: Duration) {
    switch response.content {
    case .textChunk(let text):
      self.text += text
      firstText = firstText ?? elapsed
    case .audioChunk(let chunk):
      samples += chunk.samples ?? []
      audioChunks += 1
      firstAudio = firstAudio ?? elapsed
    case .actionMessage(let action): actionJSON = action.actionJson
    case .endMessage(let message): endMessage = message
    case .errorMessage(let message): error = message
    case .browserProgress, nil: break
    }
  }
}

/// A client of the voice server, for one turn.
struct TurnClient {
  /// How long a turn may take: longer than a server may allow (REQUEST_TIMEOUT goes to an hour).
  private static let limit = Duration.seconds(3700)

  let host: String
  let port: Int

  /// - Parameter onText: Shown each piece of text as it comes.
  /// - Throws: `NexyError` when no server answers.
  func say(
    _ prompt: String, language: Language?, onText: @escaping @Sendable (String) -> Void
  ) async throws -> HeardTurn {
    let transport: HTTP2ClientTransport.Posix
    do {
      transport = try HTTP2ClientTransport.Posix(
        target: .dns(host: host, port: port), transportSecurity: .plaintext)
    } catch {
      throw NexyError(.unreachable, "\(host):\(port) is no address; check --host and --port.", cause: error)
    }
    do {
      return try await withGRPCClient(transport: transport) { client in
        try await turn(Streaming_StreamingService.Client(wrapping: client), prompt, language, onText)
      }
    } catch let error as RPCError {
      throw unreachable(error)
    }
  }

  private func unreachable(_ error: RPCError) -> NexyError {
    NexyError(
      .unreachable, "No Nexy server answers on \(host):\(port); start one with `make serve` or `nexy serve`.",
      detail: error.message)
  }

  private func turn(
    _ service: Streaming_StreamingService.Client<HTTP2ClientTransport.Posix>, _ prompt: String, _ language: Language?,
    _ onText: @escaping @Sendable (String) -> Void
  ) async throws -> HeardTurn {
    let request = Streaming_StreamRequest.commit(
      prompt, device: "nexy-say", session: UUID().uuidString.lowercased())
    var metadata: Metadata = [:]
    if let language { metadata.addString(language.rawValue, forKey: "accept-language") }
    var options = CallOptions.defaults
    options.timeout = Self.limit
    // Fail at once where nobody listens.
    options.waitForReady = false
    let start = ContinuousClock.now
    return try await service.streamAudio(request, metadata: metadata, options: options) { response in
      var heard = HeardTurn()
      do {
        for try await message in response.messages {
          heard.take(message, at: ContinuousClock.now - start)
          if case .textChunk(let text) = message.content { onText(text) }
        }
      } catch let error as RPCError {
        if heard.error == nil, heard.text.isEmpty, error.code == .unavailable { throw unreachable(error) }
        heard.error = heard.error ?? error.message
        heard.status = String(describing: error.code)
      }
      return heard
    }
  }
}

extension NexyError.Code {
  static let unreachable = Self("unreachable")
}
