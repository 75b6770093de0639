import NIOCore

/// Closes an accepted connection whose listener was closed while the connection was made ready. Stands anywhere in front
/// of the connection's `NIOAsyncChannel`.
///
/// A listener that closes forgets such a connection. Nobody would finish its writer then, and swift-nio 2.101.2 ends the
/// process for that: "Deinited NIOAsyncWriter without calling finish()" (apple/swift-nio#2637). A `NIOAsyncChannel` that
/// was never told that it is active finishes the writer itself, so it is not told.
package final class LateConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  package typealias InboundIn = NIOAny

  package init() {}

  package func channelActive(context: ChannelHandlerContext) {
    if context.channel.comesLate { context.close(promise: nil) } else { context.fireChannelActive() }
  }
}

extension Channel {
  /// Whether an accepted connection has lost its listener.
  package var comesLate: Bool { parent.map { !$0.isActive } ?? false }
}
