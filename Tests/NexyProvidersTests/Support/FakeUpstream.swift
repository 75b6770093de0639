import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NexyProviders
import NexyTestSupport
import Synchronization

/// A provider on loopback: real connections, real HTTP/1.1 requests, and whatever bytes a script answers with.
final class FakeUpstream: Sendable {
  struct Request: Sendable {
    var method: HTTPMethod
    var uri: String
    var headers: HTTPHeaders
    var body = ByteBuffer()
  }

  typealias Script = @Sendable (Request, Answer) async throws -> Void
  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

  private struct Record {
    var requests: [Request] = []
    var connections = 0
  }

  let port: Int
  private let record = Mutex(Record())

  private init(port: Int) { self.port = port }

  var url: String { "http://127.0.0.1:\(port)" }
  /// Every request so far, whole.
  var requests: [Request] { record.withLock { $0.requests } }
  /// How many connections were made.
  var connections: Int { record.withLock { $0.connections } }

  /// Answers requests with the script while the body runs, with a client set as the product's is.
  static func serve<Result: Sendable>(
    tls: NIOSSLContext? = nil, _ script: @escaping Script,
    _ body: @escaping @Sendable (FakeUpstream, HTTPClient) async throws -> Result
  ) async throws -> Result {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let upstream = FakeUpstream(port: server.channel.localAddress?.port ?? 0)
    let client = HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: .upstream(connect: .seconds(20), connections: 16))
    do {
      let result = try await withThrowingTaskGroup(of: Result?.self) { group in
        defer { group.cancelAll() }
        group.addTask {
          try await upstream.accept(server, script)
          return nil
        }
        group.addTask { try await body(upstream, client) }
        for try await case let result? in group { return result }
        throw CancellationError()
      }
      try await client.shutdown()
      return result
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  private func accept(_ server: NIOAsyncChannel<Connection, Never>, _ script: @escaping Script) async throws {
    try await server.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in connections {
          record.withLock { $0.connections += 1 }
          // A connection that breaks is what most tests are about.
          group.addTask { try? await self.converse(connection, script) }
        }
      }
    }
  }

  private func converse(_ connection: Connection, _ script: Script) async throws {
    let closed = Gate()
    connection.channel.closeFuture.whenComplete { _ in closed.open() }
    let answer = Answer(channel: connection.channel, closed: closed)
    try await connection.executeThenClose { parts, _ in
      var request: Request?
      do {
        for try await part in parts {
          switch part {
          case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers)
          case .body(var bytes): request?.body.writeBuffer(&bytes)
          case .end:
            guard let whole = request.take() else { continue }
            record.withLock { $0.requests.append(whole) }
            try await script(whole, answer)
          }
        }
      } catch is HTTPParserError {
        try await answer.raw("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
      }
    }
  }
}

extension FakeUpstream {
  /// One answer; its bytes go out as they are given.
  struct Answer: ServedAnswer {
    let channel: any Channel
    let closed: Gate

    func raw(_ text: String) async throws { try await write(ByteBuffer(string: text)) }

    /// Returns once the system has taken the bytes, so that a peer that does not read is felt at once.
    private func write(_ bytes: ByteBuffer) async throws {
      try await withTaskCancellationHandler {
        try await channel.writeAndFlush(bytes)
      } onCancel: {
        channel.close(promise: nil)
      }
    }

    func begin(status: Int = 200, headers: [String: String] = ["content-type": "text/event-stream"]) async throws {
      let fields = headers.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
      try await raw("HTTP/1.1 \(status) Status\r\ntransfer-encoding: chunked\r\n\(fields)\r\n")
    }

    func send(_ bytes: [UInt8]) async throws {
      // An empty chunk would be the last one.
      guard !bytes.isEmpty else { return }
      var chunk = ByteBuffer(string: String(bytes.count, radix: 16) + "\r\n")
      chunk.writeBytes(bytes)
      chunk.writeString("\r\n")
      try await write(chunk)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func end() async throws { try await raw("0\r\n\r\n") }

    func cut() async throws { try await channel.close() }

    func waitForClose() async throws { try await closed.wait() }

    /// A whole answer at once.
    func respond(_ status: Int, headers: [String: String] = [:], _ body: String) async throws {
      try await begin(status: status, headers: headers)
      if !body.isEmpty { try await send(body) }
      try await end()
    }
  }
}
