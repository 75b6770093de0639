import NIOCore
import NexyNetwork

/// Stands first on a connection: bounds how long it may live and idle, and ends what the libraries would keep of it.
///
/// swift-nio-http2 1.46.0 keeps the streams that got a frame in a read, and by them the connection's whole pipeline, until
/// `channelReadComplete`, which NIO does not fire after a read in which the connection was closed. The age and idle timers
/// of grpc-swift-nio-transport 2.9.2 outlive their connection, and a client that answers no ping outlives them: none is
/// set, and these stand for them.
final class ConnectionGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  struct Limits: Sendable {
    var idle: TimeAmount
    var age: TimeAmount
    /// How long a connection may take to close gracefully.
    var grace: TimeAmount
  }

  private let limits: Limits
  private let isRefused: Bool
  private var context: ChannelHandlerContext?
  private var idleTimer: Scheduled<Void>?
  private var ageTimer: Scheduled<Void>?
  private var graceTimer: Scheduled<Void>?
  private var streams = 0
  private var lastEnd: NIODeadline?
  private var isReading = false
  private var owesReadComplete = false

  /// - Parameter isRefused: Whether it closes at once.
  init(limits: Limits, isRefused: Bool) {
    self.limits = limits
    self.isRefused = isRefused
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    idleTimer = schedule(in: limits.idle) { $0.quiesce() }
    ageTimer = schedule(in: limits.age) { $0.quiesce() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    for timer in [idleTimer, ageTimer, graceTimer] { timer?.cancel() }
    self.context = nil
  }

  /// Closed any earlier, it would not tell the handlers that it is, and they would stay. For one that comes late see
  /// `LateConnectionHandler`.
  func channelActive(context: ChannelHandlerContext) {
    guard !context.channel.comesLate else { return context.close(promise: nil) }
    context.fireChannelActive()
    if isRefused { context.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = true
    context.fireChannelRead(data)
    isReading = false
    if owesReadComplete { completeRead(context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    context.fireChannelInactive()
    owesReadComplete = true
    if !isReading { completeRead(context) }
  }

  /// That the connection is half closed is known here, and concerns nobody else.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent != .outputClosed { context.fireUserInboundEventTriggered(event) }
  }

  private func completeRead(_ context: ChannelHandlerContext) {
    owesReadComplete = false
    context.fireChannelReadComplete()
  }

  /// Counts a stream of this connection while it is open.
  func watch(_ stream: any Channel) {
    streams += 1
    idleTimer?.cancel()
    stream.closeFuture.assumeIsolated().whenComplete { [self] _ in
      streams -= 1
      lastEnd = .now()
      if streams == 0 { becomesIdle() }
    }
  }

  /// Closes the connection gracefully, and after a time in any case: that of its limits, unless it is given.
  ///
  /// The client is told to open no more streams; what crosses that farewell is answered as any other. The farewell goes
  /// beneath the HTTP/2 handler: one that knew of it would refuse such a stream's HEADERS, and then break the connection
  /// at its DATA.
  func quiesce(within time: TimeAmount? = nil) {
    guard let context else { return }
    let wasQuiescing = isQuiescing
    graceTimer?.cancel()
    graceTimer = schedule(in: time ?? limits.grace) { $0.close() }
    guard !wasQuiescing else { return }
    context.writeAndFlush(NIOAny(ByteBuffer(bytes: Self.farewell)), promise: nil)
    if streams == 0 { becomesIdle() }
  }

  private var isQuiescing: Bool { graceTimer != nil }

  /// GOAWAY without an error, for streams beyond the highest there can be (RFC 9113, 6.8): the client opens no more.
  private static let farewell: [UInt8] =
    [0, 0, 8, 7, 0, 0, 0, 0, 0] + [0x7F, 0xFF, 0xFF, 0xFF] + [0, 0, 0, 0]

  /// How long a request that crosses the farewell may be under way.
  private static let crossing = TimeAmount.milliseconds(250)

  private func becomesIdle() {
    idleTimer?.cancel()
    idleTimer = isQuiescing ? schedule(in: Self.crossing) { $0.finish() } : schedule(in: limits.idle) { $0.quiesce() }
  }

  /// How long an answer may be under way to a client far away.
  private static let arrival = TimeAmount.seconds(5)

  /// Says that nothing more comes, and leaves the closing to the client while the last answer may still be under way: a
  /// socket that is closed would answer the client's next word, such as a window update, by throwing that answer away.
  private func finish() {
    let rest = lastEnd.map { $0 + Self.arrival - .now() } ?? .zero
    guard rest > .zero else { return close() }
    context?.close(mode: .output, promise: nil)
    idleTimer = schedule(in: rest) { $0.close() }
  }

  private func close() { context?.close(promise: nil) }

  /// Does what is due, unless the connection is gone before.
  private func schedule(in time: TimeAmount, _ work: @escaping (ConnectionGuard) -> Void) -> Scheduled<Void>? {
    context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in work(self) }
  }
}
