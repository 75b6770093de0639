import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NexyRelease
import NexyTestSupport
import Synchronization

/// Real HTTP/1.1 on loopback, with whatever goes wrong on the way.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let method: HTTPMethod
    let uri: String
    let headers: HTTPHeaders
    var body = ByteBuffer()

    /// Without its query.
    var path: String { String(uri.prefix { $0 != "?" }) }
  }

  struct Answer: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body = ByteBuffer()
    /// How many bytes of the body go out before the connection is cut; nil sends them all.
    var sent: Int?
    /// Whether the body ends with the connection, as its length is not told.
    var isEndless = false
  }

  /// What becomes of a request.
  enum Course: Sendable {
    case served
    /// The connection is cut when so many bytes of the body have come.
    case cut(after: Int)
    /// It is read, but nothing is done, and no answer comes; the gate opens when it was read.
    case hung(Gate)
    /// Nothing is done but this answer.
    case answered(Answer)
    /// It is done, and the connection is cut instead of the answer.
    case lost
    /// It is done once the second gate is open; the first one opens when it has come.
    case held(Gate, Gate)
  }

  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

  let port: Int
  private let log = Notes<Request>()
  private let course: @Sendable (Request) -> Course
  private let serve: @Sendable (Request) -> Answer

  private init(
    port: Int, course: @escaping @Sendable (Request) -> Course, serve: @escaping @Sendable (Request) -> Answer
  ) {
    self.port = port
    self.course = course
    self.serve = serve
  }

  var url: String { "http://127.0.0.1:\(port)" }
  /// The same server under another name.
  var otherURL: String { "http://localhost:\(port)" }
  /// Every request whose head came.
  var requests: [Request] { log.all }

  /// Serves while the body runs, with a client set as the product's is.
  @discardableResult
  static func run<Result: Sendable>(
    course: @escaping @Sendable (Request) -> Course = { _ in .served }, serve: @escaping @Sendable (Request) -> Answer,
    _ body: @escaping @Sendable (LoopbackServer, HTTPClient) async throws -> Result
  ) async throws -> Result {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let server = LoopbackServer(port: listener.channel.localAddress?.port ?? 0, course: course, serve: serve)
    return try await HTTPClient.withHTTPClient(configuration: .release()) { client in
      try await withThrowingTaskGroup(of: Result?.self) { group in
        defer { group.cancelAll() }
        group.addTask {
          try await server.accept(listener)
          return nil
        }
        group.addTask { try await within("a test with a server") { try await body(server, client) } }
        for try await case let result? in group { return result }
        throw CancellationError()
      }
    }
  }

  private func accept(_ listener: NIOAsyncChannel<Connection, Never>) async throws {
    try await listener.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in connections {
          // Connections break in most of these tests.
          group.addTask { try? await self.converse(connection) }
        }
      }
    }
  }

  private func converse(_ connection: Connection) async throws {
    try await connection.executeThenClose { parts, output in
      var request: Request?
      var course = Course.served
      for try await part in parts {
        switch part {
        case .head(let head):
          let head = Request(method: head.method, uri: head.uri, headers: head.headers)
          log.add(head)
          course = self.course(head)
          if case .cut(after: 0) = course { return }
          request = head
        case .body(var bytes):
          request?.body.writeBuffer(&bytes)
          if case .cut(let after) = course, request?.body.readableBytes ?? 0 >= after { return }
        case .end:
          guard let whole = request.take() else { continue }
          guard try await end(whole, course, output) else { return }
        }
      }
    }
  }

  /// - Returns: Whether the connection goes on.
  private func end(
    _ request: Request, _ course: Course, _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws -> Bool {
    switch course {
    case .served: return try await Self.send(serve(request), output)
    case .answered(let answer): return try await Self.send(answer, output)
    case .cut: return false
    case .lost:
      _ = serve(request)
      return false
    case .hung(let gate):
      gate.open()
      try await Gate().wait()
      return false
    case .held(let come, let go):
      come.open()
      try await go.wait()
      return try await Self.send(serve(request), output)
    }
  }

  private static func send(_ answer: Answer, _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Bool {
    var text = "HTTP/1.1 \(answer.status) Status\r\n"
    for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
    if !answer.isEndless { text += "content-length: \(answer.body.readableBytes)\r\n" }
    try await output.write(ByteBuffer(string: text + "\r\n"))
    let sent = answer.body.getSlice(at: 0, length: answer.sent ?? answer.body.readableBytes)
    try await output.write(sent ?? ByteBuffer())
    return answer.sent == nil && !answer.isEndless
  }
}
