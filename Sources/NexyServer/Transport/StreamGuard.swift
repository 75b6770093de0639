import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import NexyCore
import NexyObservability
import Synchronization

/// Stands before a stream's gRPC handler: bounds the time and the memory of a request that is still coming and of a
/// status that is not taken, mends what the library would not survive, and counts bytes.
final class StreamGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let limits: TransportLimits
  /// From the last byte that the client took to the reset of its stream: its turn is ended by the idle limit before, and
  /// had time for its terminal.
  private let stuckTime: TimeAmount
  private let uploads: Uploads
  private let metrics: ServerMetrics
  private var held = 0
  private var began = NIODeadline.now()
  private var lastBytes = NIODeadline.now()
  private var timer: Scheduled<Void>?
  /// Runs while the client takes nothing.
  private var stuck: Scheduled<Void>?
  /// The request was answered here; what still comes of it is dropped.
  private var isRefused = false
  private var prefix: [UInt8] = []

  /// - Parameter idle: How long a turn may move nothing.
  init(limits: TransportLimits, idle: Duration, uploads: Uploads, metrics: ServerMetrics) {
    self.limits = limits
    stuckTime = TimeAmount(idle + limits.closingTime * 2)
    self.uploads = uploads
    self.metrics = metrics
  }

  func handlerAdded(context: ChannelHandlerContext) {
    began = .now()
    lastBytes = began
    awaitRequest(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { forget() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    switch unwrapInboundIn(data) {
    case .data(let frame):
      let bytes = frame.data.readableBytes
      metrics.received(bytes: bytes)
      lastBytes = .now()
      held += bytes
      let fits = uploads.add(bytes, limit: limits.requestBytesInAll)
      guard fits, max(held - Self.prefixLength, claimedLength(frame.data)) <= limits.requestBytes else {
        return refuse(context, isTooLarge: fits)
      }
      if frame.endStream { forget() }
      context.fireChannelRead(data)
    case .headers(let frame) where frame.headers.contains(name: ":method") && !frame.headers.isGRPC:
      refuseForeign(context)
    case .headers(var frame):
      if frame.endStream { forget() }
      frame.headers.dropBadTimeout()
      context.fireChannelRead(wrapInboundOut(.headers(frame)))
    default: context.fireChannelRead(data)
    }
  }

  /// What stands before a message: whether it is compressed, and its length.
  private static let prefixLength = 5

  /// The length that the message's first bytes claim, once they have come; before, 0.
  private func claimedLength(_ data: IOData) -> Int {
    if case .byteBuffer(let bytes) = data, prefix.count < Self.prefixLength {
      prefix += bytes.readableBytesView.prefix(Self.prefixLength - prefix.count)
    }
    guard prefix.count == Self.prefixLength else { return 0 }
    return prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Answers a request that is too large: the library would only reset its stream.
  private func refuse(_ context: ChannelHandlerContext, isTooLarge: Bool) {
    isRefused = true
    let error =
      isTooLarge
      ? NexyError(
        .requestTooLarge, "The request is larger than \(limits.requestBytes) bytes; send a smaller screenshot.")
      : NexyError(.tooManyUploads, "The server receives too much at once. Please try again.")
    let status: HPACKHeaders = [
      ":status": "200", "content-type": "application/grpc", "grpc-message": error.message,
      "grpc-status": "\(ErrorTable.row(for: error.code).status.rawValue)",
    ]
    let payload = HTTP2Frame.FramePayload.headers(.init(headers: status, endStream: true))
    forget()
    // A reset that came at once would overtake the status; who has read it ends the stream by itself.
    timer = close(context.channel, in: TimeAmount(limits.closingTime))
    context.writeAndFlush(wrapOutboundOut(payload), promise: nil)
  }

  /// Answers what is no gRPC with the status that the protocol wants: the library closes the stream so soon that its own
  /// answer is often lost.
  private func refuseForeign(_ context: ChannelHandlerContext) {
    isRefused = true
    forget()
    timer = close(context.channel, in: TimeAmount(limits.closingTime))
    let status = HTTP2Frame.FramePayload.headers(.init(headers: [":status": "415"], endStream: true))
    context.writeAndFlush(wrapOutboundOut(status), promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stuck?.cancel()
    if !context.channel.isWritable { stuck = close(context.channel, in: stuckTime) }
    context.fireChannelWritabilityChanged()
  }

  private func close(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    forget()
    stuck?.cancel()
    context.fireChannelInactive()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .data(let frame): metrics.sent(bytes: frame.data.readableBytes)
    case .headers(let frame) where frame.endStream:
      forget()
      timer = close(context.channel, in: TimeAmount(limits.closingTime))
    default: break
    }
    context.write(data, promise: promise)
  }

  private func awaitRequest(_ context: ChannelHandlerContext) {
    let next = min(began + TimeAmount(limits.requestTime), lastBytes + TimeAmount(limits.requestPause))
    if next <= .now() { return context.close(promise: nil) }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(deadline: next) { bound.value.0.awaitRequest(bound.value.1) }
  }

  /// The request is whole, or its stream is gone.
  private func forget() {
    timer?.cancel()
    timer = nil
    uploads.remove(held)
    held = 0
  }
}

extension NexyError.Code {
  /// A request has more bytes than the server takes.
  static let requestTooLarge = Self("request_too_large")
  /// All requests that are still coming have more bytes than the server takes.
  static let tooManyUploads = Self("too_many_uploads")
}

/// Bytes of requests that are still coming, over all connections.
final class Uploads: Sendable {
  private let bytes = Atomic(0)

  /// - Returns: Whether they fit.
  func add(_ count: Int, limit: Int) -> Bool {
    bytes.add(count, ordering: .relaxed).newValue <= limit
  }

  func remove(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

  var count: Int { bytes.load(ordering: .relaxed) }
}

extension HPACKHeaders {
  /// Whether a request's content type is gRPC's
  /// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Requests").
  var isGRPC: Bool { self["content-type"].contains { $0.hasPrefix("application/grpc") } }

  /// Removes a `grpc-timeout` that is not one to eight digits and a unit, or that is longer than a day: grpc-swift 2.4.3
  /// ends the process at a negative one, and the server's own limits are far below a day.
  mutating func dropBadTimeout() {
    let name = "grpc-timeout"
    guard contains(name: name) else { return }
    let values = self[canonicalForm: name]
    if values.count != 1 || GRPCTimeout.duration(of: String(values[0])).map({ $0 > .seconds(86_400) }) ?? true {
      remove(name: name)
    }
  }
}

/// A call's own deadline, as gRPC clients send it.
///
/// Format: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md ("TimeoutValue").
enum GRPCTimeout {
  private static let units: [Character: Duration] = [
    "H": .seconds(3600), "M": .seconds(60), "S": .seconds(1), "m": .milliseconds(1), "u": .microseconds(1),
    "n": .nanoseconds(1),
  ]

  /// Nil for what is no timeout.
  static func duration(of text: String) -> Duration? {
    let digits = text.dropLast()
    guard (1...8).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let amount = Int(digits), let unit = text.last.flatMap({ units[$0] })
    else { return nil }
    return unit * amount
  }
}
