import NIOCore
import NIOPosix
import NexyCore
import NexyNetwork

/// Listens on loopback for those who play a part in the check.
enum LoopbackListener {
  typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>
  typealias Listening = NIOAsyncChannel<Connection, Never>

  /// Below what systems give to connections that go out, so that nobody takes a port while it is not listened on, and
  /// nobody connects to itself.
  private static let ports = 20_000..<30_000
  private static let attempts = 50

  /// Listens on a free port.
  static func listen() async throws -> (port: Int, listening: Listening) {
    for _ in 1..<attempts {
      let port = Int.random(in: ports)
      if let listening = try? await listen(on: port) { return (port, listening) }
    }
    let port = Int.random(in: ports)
    return (port, try await listen(on: port))
  }

  static func listen(on port: Int) async throws -> Listening {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(LateConnectionHandler())
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
  }

  static func connect(to port: Int) async throws -> Connection {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(3))
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
      }
  }

  /// Serves every connection in a task of its own until the listener is closed or the task is cancelled.
  static func serve(_ listening: Listening, _ body: @escaping @Sendable (Connection) async throws -> Void) async {
    await withDiscardingTaskGroup { group in
      // A connection that fails is over, and nothing else is.
      try? await listening.executeThenClose { connections in
        for try await connection in connections { group.addTask { try? await body(connection) } }
      }
      if Task.isCancelled { group.cancelAll() }
    }
  }
}
