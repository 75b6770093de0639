import NIOCore
import NIOPosix
import NexyNetwork
import Testing

@Suite("A connection that is accepted while its listener closes")
struct LateConnectionTests {
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Without the handler this ends the whole process.
  @Test("It is closed, and its writer finished", .timeLimit(.minutes(5)))
  func closed() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let (arrived, ready) = (group.next().makePromise(of: Void.self), group.next().makePromise(of: Void.self))
    let listening = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0) { channel in
      arrived.succeed()
      return ready.futureResult.flatMapThrowing {
        try channel.pipeline.syncOperations.addHandler(LateConnectionHandler())
        return try Connection(wrappingChannelSynchronously: channel)
      }
    }
    let port = try #require(listening.channel.localAddress?.port)
    // Last of all, it hears of the end when the listener has just forgotten its connections.
    try await listening.channel.pipeline.addHandler(EndHandler(onEnd: ready.succeed)).get()
    try await listening.executeThenClose { connections in
      let client = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
      try await arrived.futureResult.get()
      try await listening.channel.close()
      try await client.closeFuture.get()
      for try await _ in connections { Issue.record("a listener that is closed gave a connection") }
    }
    try await group.shutdownGracefully()
  }

  @Test("One that comes in time is served", .timeLimit(.minutes(5)))
  func inTime() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let listening = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0) { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(LateConnectionHandler())
        return try Connection(wrappingChannelSynchronously: channel)
      }
    }
    let port = try #require(listening.channel.localAddress?.port)
    try await listening.executeThenClose { connections in
      let client = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
      }
      var served = connections.makeAsyncIterator()
      let connection = try #require(try await served.next())
      try await client.executeThenClose { answers, questions in
        try await connection.executeThenClose { _, outbound in
          try await outbound.write(ByteBuffer(string: "hello"))
        }
        var answer = ByteBuffer()
        for try await piece in answers { answer.writeImmutableBuffer(piece) }
        #expect(String(buffer: answer) == "hello")
      }
    }
  }
}

private final class EndHandler: ChannelInboundHandler, Sendable {
  typealias InboundIn = NIOAny

  private let onEnd: @Sendable () -> Void

  init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

  func channelInactive(context: ChannelHandlerContext) {
    onEnd()
    context.fireChannelInactive()
  }
}
