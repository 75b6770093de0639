import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import NexyCore

/// Finds out whether a port speaks TLS by speaking TLS to it, whatever its number is.
enum TLSProbe {
  enum Finding: Sendable {
    case secure(ServerCertificate?)
    /// What came back was no TLS record.
    case plain
    case unreachable(String)
  }

  static func finding(host: String, port: Int, within limit: Duration) async -> Finding {
    let answer = FirstAnswer(promise: MultiThreadedEventLoopGroup.singleton.any().makePromise())
    let channel: any Channel
    do {
      let anybody = try TLSTrust.anything.configuration(protocols: ["h2", "http/1.1"])
      let (context, name) = (try NIOSSLContext(configuration: anybody), ServerName.of(host))
      channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(limit))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let handlers = channel.pipeline.syncOperations
            try handlers.addHandler(FirstByte(answer: answer))
            try handlers.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
            try handlers.addHandler(Handshake(answer: answer))
          }
        }
        .connect(host: host, port: port).get()
    } catch {
      answer.promise.fail(error)
      return .unreachable("\(host):\(port) takes no connection: \(error)")
    }
    let giveUp = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { answer.promise.succeed(.plain) }
    let finding = try? await answer.promise.futureResult.get()
    giveUp.cancel()
    try? await channel.close()
    return finding ?? .plain
  }

  private struct FirstAnswer: Sendable {
    let promise: EventLoopPromise<Finding>
  }

  /// Looks at the first byte that comes: a TLS record is a handshake (22) or an alert (21), RFC 8446, 5.1.
  private final class FirstByte: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let answer: FirstAnswer
    private var isFirst = true

    init(answer: FirstAnswer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      if isFirst, let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) {
        isFirst = false
        switch first {
        case 22: break
        case 21: answer.promise.succeed(.secure(nil))
        default: answer.promise.succeed(.plain)
        }
      }
      context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
      // Who hangs up on a greeting in TLS, without a word of it, does not speak it.
      answer.promise.succeed(isFirst ? .plain : .secure(nil))
      context.fireChannelInactive()
    }
  }

  private final class Handshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let answer: FirstAnswer

    init(answer: FirstAnswer) { self.answer = answer }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted = event {
        let certificate = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate
        answer.promise.succeed(.secure(certificate.flatMap { try? ServerCertificate($0) }))
      }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
