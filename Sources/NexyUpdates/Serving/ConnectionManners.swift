import HTTPTypes
import NIOCore
import NIOHTTP1

/// What HTTP/1 asks of a connection and the server behind takes only one spelling of
/// (<https://www.rfc-editor.org/rfc/rfc9112#section-9.3>, <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>): it ends after
/// the answer for a client that says `close` among other things, or that speaks HTTP/1.0 and does not ask for more; the
/// answer says so; and a request of HTTP/1.1 that names no host is refused.
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// How long after its last answer a connection stays open for the client to close it.
  private static let patience = TimeAmount.seconds(5)

  private let fields: HTTPHeaders
  /// Whether the request that was read last is the connection's last.
  private var isClosing = false
  private var isRefusing = false
  /// Requests that are not answered yet; answers come in their order.
  private var waiting = 0

  /// - Parameter fields: What every answer of this server carries.
  init(fields: HTTPFields) {
    self.fields = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after the last request is no request.
    if isRefusing { return }
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    if head.version == .http1_1, head.headers["host"].count != 1 {
      isRefusing = true
      return refuseAfterOthers(context)
    }
    waiting += 1
    if !head.isKeepAlive {
      isClosing = true
      head.headers.replaceOrAdd(name: "connection", value: "close")
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where isClosing && waiting == 1:
      head.headers.replaceOrAdd(name: "connection", value: "close")
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end:
      waiting -= 1
      let written = promise ?? context.eventLoop.makePromise()
      if isClosing, waiting == 0 { closeSoon(context.channel, after: written.futureResult) }
      context.write(data, promise: written)
      if isRefusing { refuseAfterOthers(context) }
    default: context.write(data, promise: promise)
    }
  }

  private func refuseAfterOthers(_ context: ChannelHandlerContext) {
    guard waiting == 0 else { return }
    let text = ByteBuffer(string: "Name one host in the request\n")
    var headers: HTTPHeaders = [
      "content-type": "text/plain; charset=utf-8", "content-length": "\(text.readableBytes)", "connection": "close",
    ]
    headers.add(contentsOf: fields)
    let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(text))), promise: nil)
    let written = context.eventLoop.makePromise(of: Void.self)
    closeSoon(context.channel, after: written.futureResult)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    context.close(mode: .output, promise: nil)
  }

  /// A client that does not close what it said it would, or that sends on, holds its place no longer than this.
  private func closeSoon(_ channel: any NIOCore.Channel, after written: EventLoopFuture<Void>) {
    written.whenSuccess {
      channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }
  }
}
