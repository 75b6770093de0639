import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypesHTTP1
import NexyNetwork

/// A connection whose requests run on its own event loop: what they write goes out without a change of threads, and a
/// full socket is known at once.
struct LoopChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private let base: HTTP1Channel
  private let fields: HTTPFields

  /// - Parameter idleLimit: How long a connection may say nothing between requests, and within one.
  init(
    feeds: FeedPages, idleLimit: Duration, logger: Logger, responder: @escaping HTTPChannelHandler.Responder
  ) {
    fields = feeds.room.options.originFields
    // This one sees every request; the one that Hummingbird adds itself stands behind the feeds, and has no limit.
    base = HTTP1Channel(
      responder: responder,
      configuration: .init(
        additionalChannelHandlers: [
          LateConnectionHandler(), HTTPConnectionStateHandler(idleTimeout: idleLimit, logger: logger),
          FeedHandler(feeds),
        ]))
  }

  func setup(channel: any NIOCore.Channel, logger: Logger) -> EventLoopFuture<Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { [fields] value in
      let pipeline = channel.pipeline.syncOperations
      // In front of it a request still has its version.
      let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
      try pipeline.addHandler(ConnectionManners(fields: fields), position: .before(codec))
      return value
    }
  }

  func handle(value: Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}
