import NIOCore
import NexyCore
import Synchronization

/// Stands between a server and its provider on TCP, and does to their connections what networks do.
final class FaultProxy: Sendable {
  /// What the server connects to; kept also while nobody listens.
  let port: Int
  private let upstream: Int
  private let state: Mutex<State>
  private let listeners: AsyncStream<LoopbackListener.Listening>
  private let bound: AsyncStream<LoopbackListener.Listening>.Continuation

  private struct State {
    var fault = NetworkFault.none
    var listening: (any Channel)?
    var open: [ObjectIdentifier: any Channel] = [:]
  }

  private init(port: Int, upstream: Int, listening: LoopbackListener.Listening) {
    (self.port, self.upstream) = (port, upstream)
    state = Mutex(State(listening: listening.channel))
    (listeners, bound) = AsyncStream.makeStream()
    bound.yield(listening)
  }

  /// Runs one in front of a port of loopback for as long as `body` runs.
  static func with<Value: Sendable>(
    to upstream: Int, _ body: (FaultProxy) async throws -> Value
  ) async throws -> Value {
    let (port, listening) = try await LoopbackListener.listen()
    let proxy = FaultProxy(port: port, upstream: upstream, listening: listening)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await listening in proxy.listeners {
          await LoopbackListener.serve(listening) { try await proxy.serve($0) }
        }
      }
      defer { group.cancelAll() }
      return try await body(proxy)
    }
  }

  /// Changes the network for the connections to come; those that are open are cut.
  func set(_ fault: NetworkFault) async throws {
    let (listening, open) = state.withLock { state in
      defer {
        state.fault = fault
        state.open = [:]
        if fault == .gone { state.listening = nil }
      }
      return (state.listening, Array(state.open.values))
    }
    if fault == .gone { try? await listening?.close() }
    for channel in open { try? await channel.close() }
    guard fault != .gone, listening == nil else { return }
    let anew = try await LoopbackListener.listen(on: port)
    state.withLock { $0.listening = anew.channel }
    bound.yield(anew)
  }

  private func serve(_ client: LoopbackListener.Connection) async throws {
    let id = ObjectIdentifier(client.channel)
    let fault = state.withLock { state in
      state.open[id] = client.channel
      return state.fault
    }
    defer { state.withLock { $0.open[id] = nil } }
    try await client.executeThenClose { questions, answers in
      switch fault {
      case .gone: return
      case .silent: for try await _ in questions {}
      case .lie(let lie): try await tell(lie, questions, answers)
      case .none, .late, .trickle, .cut: try await carry(fault, questions, answers)
      }
    }
  }

  private func tell(
    _ lie: ProviderLie, _ questions: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ answers: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws {
    var waiting = ByteBuffer()
    for try await piece in questions {
      waiting.writeImmutableBuffer(piece)
      while RawRequest.take(from: &waiting) != nil { try await answers.write(ByteBuffer(string: lie.answer)) }
    }
  }

  private func carry(
    _ fault: NetworkFault, _ questions: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ answers: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws {
    let provider = try await LoopbackListener.connect(to: upstream)
    try await provider.executeThenClose { told, asks in
      // Whichever side ends first ends both.
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { for try await piece in questions { try await asks.write(piece) } }
        group.addTask { try await Self.pass(told, to: answers, fault) }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  private static func pass(
    _ told: NIOAsyncChannelInboundStream<ByteBuffer>, to answers: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ fault: NetworkFault
  ) async throws {
    var passed = 0
    for try await var piece in told {
      switch fault {
      case .late(let delay):
        try await Task.sleep(for: delay)
        try await answers.write(piece)
      case .trickle(let bytes, let interval):
        while let drop = piece.readSlice(length: min(bytes, piece.readableBytes)), drop.readableBytes > 0 {
          try await answers.write(drop)
          try await Task.sleep(for: interval)
        }
      case .cut(let limit):
        let rest = min(limit - passed, piece.readableBytes)
        if let part = piece.readSlice(length: rest) { try await answers.write(part) }
        passed += rest
        if passed >= limit { return }
      case .none, .gone, .silent, .lie: try await answers.write(piece)
      }
    }
  }
}
