import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
import NexyCore
import NexyWire
import SwiftProtobuf

/// A connection to the voice listener.
struct VoiceLine: Sendable {
  typealias Transport = HTTP2ClientTransport.Posix
  typealias Service = Streaming_StreamingService.Client<Transport>

  let target: CheckTarget
  let client: GRPCClient<Transport>
  let patience: Duration

  var service: Service { Service(wrapping: client) }

  /// - Throws: `NexyError` for a certificate file that cannot be read; what `body` throws.
  @discardableResult
  static func with<Value: Sendable>(
    _ target: CheckTarget, patience: Duration, _ body: @Sendable (VoiceLine) async throws -> Value
  ) async throws -> Value {
    let transport = try Transport(
      target: address(target), transportSecurity: security(target))
    return try await withGRPCClient(transport: transport) { client in
      try await body(VoiceLine(target: target, client: client, patience: patience))
    }
  }

  /// An address is resolved by nobody, and is no server name for TLS.
  private static func address(_ target: CheckTarget) -> any ResolvableTarget {
    switch try? SocketAddress(ipAddress: target.host, port: target.voice.port) {
    case .v4: .ipv4(address: target.host, port: target.voice.port)
    case .v6: .ipv6(address: target.host, port: target.voice.port)
    default: .dns(host: target.host, port: target.voice.port)
    }
  }

  private static func security(_ target: CheckTarget) -> Transport.TransportSecurity {
    guard target.voice.isSecure else { return .plaintext }
    return .tls(
      .defaults { tls in
        switch target.trust {
        case .system: break
        case .authorities(let path): tls.trustRoots = .certificates([.file(path: path, format: .pem)])
        // What is pinned was compared when the target was found.
        case .pinned, .anything: tls.serverCertificateVerification = .noVerification
        }
      })
  }

  func options(_ limit: Duration? = nil) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = limit ?? patience
    // Fail at once where nobody listens.
    options.waitForReady = false
    return options
  }

  /// A turn, heard to its end.
  /// - Parameters:
  ///   - limit: The deadline that the server is told.
  ///   - onItem: Told of each message as it comes; it may throw to leave.
  func say(
    _ request: Streaming_StreamRequest, limit: Duration? = nil,
    onItem: @escaping @Sendable (HeardReply.Item) async throws -> Void = { _ in }
  ) async throws -> HeardReply {
    let start = ContinuousClock.now
    return try await Self.caught {
      try await service.streamAudio(request, options: options(limit)) { response in
        try await Self.heard(response, since: start, onItem) { message in HeardReply.Item(message) }
      }
    }
  }

  func welcome(_ request: Streaming_WelcomeRequest, limit: Duration? = nil) async throws -> HeardReply {
    let start = ContinuousClock.now
    return try await Self.caught {
      try await service.generateWelcomeAudio(request, options: options(limit)) { response in
        try await Self.heard(response, since: start, { _ in }) { message in HeardReply.Item(message) }
      }
    }
  }

  /// A call with one answer.
  func interrupt(_ device: String) async throws -> Streaming_InterruptResponse {
    try await Self.failing { try await service.interruptSession(.with { $0.hardwareID = device }, options: options()) }
  }

  /// A call with one answer.
  func reportUsage(_ request: Streaming_UsageRequest) async throws -> Streaming_UsageResponse {
    try await Self.failing { try await service.reportUsage(request, options: options()) }
  }

  private static func heard<Message: Sendable>(
    _ response: StreamingClientResponse<Message>, since start: ContinuousClock.Instant,
    _ onItem: @Sendable (HeardReply.Item) async throws -> Void, _ item: (Message) -> HeardReply.Item
  ) async throws -> HeardReply {
    var reply = HeardReply()
    do {
      for try await part in try response.accepted.get().bodyParts {
        switch part {
        case .message(let message):
          let item = item(message)
          reply.items.append(item)
          reply.times.append(ContinuousClock.now - start)
          try await onItem(item)
        case .trailingMetadata(let metadata): reply.trailers = metadata.texts
        }
      }
    } catch let error as RPCError {
      reply.take(error)
    }
    reply.duration = ContinuousClock.now - start
    return reply
  }

  private static func caught(_ call: () async throws -> HeardReply) async throws -> HeardReply {
    do { return try await call() } catch let error as RPCError {
      var reply = HeardReply()
      reply.take(error)
      return reply
    }
  }

  private static func failing<Value>(_ call: () async throws -> Value) async throws -> Value {
    do { return try await call() } catch let error as RPCError { throw CallFailure(error) }
  }
}

/// A call that ended with a status that is not OK.
struct CallFailure: Error, CustomStringConvertible {
  /// As operators' tools spell it.
  let status: String
  let message: String

  init(_ error: RPCError) {
    status = WireStatus.name(of: error.code)
    message = error.message
  }

  var description: String { "\(status) \"\(message)\"" }
}

extension HeardReply {
  fileprivate mutating func take(_ error: RPCError) {
    status = WireStatus.name(of: error.code)
    message = error.message
    trailers = error.metadata.texts
  }
}

extension HeardReply.Item {
  init(_ message: Streaming_StreamResponse) {
    self =
      switch message.content {
      case .textChunk(let text): .text(text)
      case .audioChunk(let chunk): .audio(HeardSound(chunk))
      case .actionMessage(let action): .action(action.actionJson, session: action.sessionID)
      case .browserProgress: .progress
      case .endMessage(let text): .end(text)
      case .errorMessage(let text): .error(text)
      case nil: .empty
      }
  }

  fileprivate init(_ message: Streaming_WelcomeResponse) {
    self =
      switch message.content {
      case .audioChunk(let chunk): .audio(HeardSound(chunk))
      case .metadata(let metadata): .metadata(metadata)
      case .endMessage(let text): .end(text)
      case .errorMessage(let text): .error(text)
      case nil: .empty
      }
  }
}

extension Metadata {
  fileprivate var texts: [String: String] {
    reduce(into: [:]) { texts, pair in if case .string(let text) = pair.value { texts[pair.key] = text } }
  }
}

extension VoiceLine {
  /// What grpc.health.v1 says of a service; an empty name is the whole server.
  func serving(_ service: String) async throws -> String {
    let health = Grpc_Health_V1_Health.Client(wrapping: client)
    do {
      let answer = try await health.check(.with { $0.service = service }, options: options())
      return switch answer.status {
      case .serving: "SERVING"
      case .notServing: "NOT_SERVING"
      default: "\(answer.status)"
      }
    } catch let error as RPCError { throw CallFailure(error) }
  }
}
