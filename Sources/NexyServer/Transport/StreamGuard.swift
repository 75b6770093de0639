import NIOCore
import NIOHTTP2
import NexyCore
import NexyObservability
import Synchronization

/// Stands before a stream's gRPC handler: bounds the time and the memory of a request that is still coming and of a
/// status that is not taken, and counts bytes.
final class StreamGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload

  private let limits: TransportLimits
  private let uploads: Uploads
  private let metrics: ServerMetrics
  private var held = 0
  private var began = NIODeadline.now()
  private var lastBytes = NIODeadline.now()
  private var timer: Scheduled<Void>?

  init(limits: TransportLimits, uploads: Uploads, metrics: ServerMetrics) {
    self.limits = limits
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
    switch unwrapInboundIn(data) {
    case .data(let frame):
      let bytes = frame.data.readableBytes
      metrics.received(bytes: bytes)
      lastBytes = .now()
      held += bytes
      if !uploads.add(bytes, limit: limits.requestBytesInAll) { return context.close(promise: nil) }
      if frame.endStream { forget() }
    case .headers(let frame) where frame.endStream: forget()
    default: break
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    forget()
    context.fireChannelInactive()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .data(let frame): metrics.sent(bytes: frame.data.readableBytes)
    case .headers(let frame) where frame.endStream:
      forget()
      let channel = context.channel
      timer = context.eventLoop.scheduleTask(in: TimeAmount(limits.closingTime)) { channel.close(promise: nil) }
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
