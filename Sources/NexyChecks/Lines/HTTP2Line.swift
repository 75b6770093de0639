import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import NexyCore

/// A connection to the voice port in plain HTTP/2, for what no gRPC library does.
struct HTTP2Line: Sendable {
  typealias Frame = HTTP2Frame.FramePayload

  let target: CheckTarget
  private let channel: any Channel
  private let multiplexer: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>

  /// What a stream's window is before anybody says more (RFC 9113, 6.9.2).
  static let usualWindow = 65_535

  /// - Parameter window: Bytes that the server may send on a stream ahead of its reader.
  /// - Throws: `NexyError` with code `noAnswer`; what `body` throws.
  static func with<Value: Sendable>(
    _ target: CheckTarget, patience: Duration, window: Int = usualWindow, _ body: (HTTP2Line) async throws -> Value
  ) async throws -> Value {
    let line: HTTP2Line
    do { line = try await HTTP2Line(target, patience: patience, window: window) } catch {
      throw NexyError(
        .noAnswer, "\(target.host):\(target.voice.port) takes no HTTP/2 connection: \(error)", cause: error)
    }
    do {
      if window != usualWindow { try await bounded(patience) { try await line.greet() } }
      let value = try await body(line)
      try? await line.channel.close()
      return value
    } catch {
      try? await line.channel.close()
      throw error
    }
  }

  private init(_ target: CheckTarget, patience: Duration, window: Int) async throws {
    let security =
      try target.voice.isSecure ? NIOSSLContext(configuration: target.trust.configuration(protocols: ["h2"])) : nil
    let name = ServerName.of(target.host)
    var http2 = NIOHTTP2Handler.Configuration()
    http2.connection.initialSettings = [
      HTTP2Setting(parameter: .enablePush, value: 0), HTTP2Setting(parameter: .initialWindowSize, value: window),
    ]
    http2.stream.targetWindowSize = window
    self.target = target
    (channel, multiplexer) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(patience))
      .connect(host: target.host, port: target.voice.port) { [http2] channel in
        channel.eventLoop.makeCompletedFuture {
          if let security {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: security, serverHostname: name))
          }
        }.flatMap {
          channel.configureAsyncHTTP2Pipeline(mode: .client, configuration: http2) { $0.close() }
        }.map { (channel, $0) }
      }
  }

  /// One call before all others: a stream that is open while the server acknowledges our window counts it twice
  /// (swift-nio-http2's InboundWindowManager adds the change to a target that has it already) and then stands still.
  private func greet() async throws {
    _ = try await answer(to: post("/grpc.health.v1.Health/Check", GRPCMessage.fields, body: [0, 0, 0, 0, 0]))
  }

  /// Sends a request on a stream of its own and takes what comes of it, to its end.
  func answer(to request: [Frame]) async throws -> RawAnswer {
    let stream = try await open { stream in
      stream.eventLoop.makeCompletedFuture { try NIOAsyncChannel<Frame, Frame>(wrappingChannelSynchronously: stream) }
    }
    return try await stream.executeThenClose { inbound, outbound in
      // A server may refuse before it has read all of it.
      for frame in request { try? await outbound.write(frame) }
      return await RawAnswer(inbound)
    }
  }

  /// Opens a stream.
  func open<Value: Sendable>(
    _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
  ) async throws -> Value { try await multiplexer.openStream(initialize) }

  /// The frames of a POST with one body.
  func post(_ path: String, _ fields: [(String, String)], body: [UInt8]) -> [Frame] {
    var headers = HPACKHeaders([
      (":method", "POST"), (":path", path), (":scheme", target.voice.isSecure ? "https" : "http"),
      (":authority", "\(target.bracketedHost):\(target.voice.port)"),
    ])
    for (name, value) in fields { headers.add(name: name, value: value) }
    return [
      .headers(.init(headers: headers)),
      .data(.init(data: .byteBuffer(ByteBuffer(bytes: body)), endStream: true)),
    ]
  }
}
