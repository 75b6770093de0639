import Foundation
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers a GET of a feed on the event loop, before any task hears of it: every client asks for a feed every hour, and a
/// task, a context and a logger cost more than the answer (`make bench-updates`).
///
/// It takes plain requests on a connection that waits for no other answer; everything else goes the usual way.
final class FeedHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What a whole feed is answered with, made once a second at most.
  private struct Head {
    var tag = ""
    var second: Int64 = 0
    var response = HTTPResponse(status: .ok)
  }

  private let feeds: FeedPages
  private var head = Head()
  /// Requests behind this handler that are not answered yet.
  private var waiting = 0
  /// The answer to the request that is being read; nil when it went on.
  private var answer: (head: HTTPResponse, body: ByteBuffer?)?

  init(_ feeds: FeedPages) { self.feeds = feeds }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let request):
      answer = waiting == 0 && context.channel.isWritable ? answer(to: request) : nil
      if answer != nil { return }
      waiting += 1
    case .body:
      if answer != nil { return }
    case .end:
      guard let answer else { break }
      self.answer = nil
      context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
      if let body = answer.body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      return
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { waiting -= 1 }
    context.write(data, promise: promise)
  }

  private func answer(to request: HTTPRequest) -> (head: HTTPResponse, body: ByteBuffer?)? {
    guard request.method == .get, let channel = Self.channel(of: request.path),
      request.headerFields[.connection].map({ $0.lowercased() == "keep-alive" }) ?? true
    else { return nil }
    let second = Int64(Date().timeIntervalSince1970)
    switch feeds.answer(request.headerFields, of: channel) {
    case .whole(let feed):
      if head.tag != feed.tag || head.second != second {
        head = Head(tag: feed.tag, second: second, response: Self.response(.ok, feed.fields, second))
      }
      return (head.response, feed.bytes)
    case .notModified(let feed): return (Self.response(.notModified, feed.unchangedFields, second), nil)
    case .refused: return nil
    }
  }

  private static func response(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ second: Int64) -> HTTPResponse {
    var fields = fields
    fields[.date] = HTTPDate.text(second)
    fields[.server] = UpdateListener.serverName
    return HTTPResponse(status: status, headerFields: fields)
  }

  private static func channel(of path: String?) -> Channel? {
    switch path {
    case "/updates/appcast.xml", "/appcast.xml": .stable
    case "/updates/appcast-beta.xml", "/appcast-beta.xml": .beta
    default: nil
    }
  }
}
