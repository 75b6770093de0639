import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
import NexyCore
import NexyWire
import SwiftProtobuf

/// A turn that is kept open: it stops reading at its first sound, and the server waits for it, until it is let go.
///
/// It reads HTTP/2 frames itself: a gRPC library takes what comes, and a short reply would be over on the server's side
/// before anybody asked for the rest.
struct HeldTurn: Sendable {
  /// Bytes that the server may send ahead: twenty milliseconds of sound.
  static let window = 2048

  let device: String
  let session: String
  private let began = Latch()
  private let gate = Latch()
  private let exit = Latch()
  private let outcome = Found<HeardReply>()

  /// The status of a turn that left.
  static let left = "left"

  init(device: String = CheckRequests.device(), session: String = CheckRequests.session()) {
    (self.device, self.session) = (device, session)
  }

  /// Reads on.
  func release() { gate.open() }

  /// Frees who waits for a turn that never began.
  func giveUp() { began.open() }

  /// Resets the stream in the middle.
  func leave() { exit.open() }

  /// Waits until the turn speaks or is over.
  /// - Returns: The reply of a turn that is over already, such as a refused one.
  @discardableResult
  func speaks() async -> HeardReply? {
    await began.wait()
    return outcome.value
  }

  /// Says its prompt and waits for the end.
  /// - Parameters:
  ///   - line: One of `HeldTurn.window`.
  ///   - deadline: What the server is told.
  /// - Throws: `NexyError`, `CancellationError`; the stream is reset when the task is cancelled.
  func reply(on line: HTTP2Line, deadline: Duration) async throws -> HeardReply {
    defer { began.open() }
    let request = CheckRequests.recitalTurn(device: device, session: session)
    let fields = GRPCMessage.fields + [("grpc-timeout", "\(deadline.wholeMilliseconds)m")]
    let frames = line.post(GRPCMessage.streamAudio, fields, body: try GRPCMessage.framed(request))
    let stream = try await line.open { [began] stream in
      stream.setOption(.autoRead, value: false).flatMapThrowing {
        let reader = HeldReader(began: began, promise: stream.eventLoop.makePromise())
        try stream.pipeline.syncOperations.addHandler(reader)
        return HeldStream(
          channel: stream, reader: NIOLoopBound(reader, eventLoop: stream.eventLoop), reply: reader.promise.futureResult
        )
      }
    }
    return try await withTaskCancellationHandler {
      for frame in frames { stream.channel.writeAndFlush(frame, promise: nil) }
      async let reply = bounded(deadline + .seconds(15)) { try await stream.reply.get() }
      async let release: Void = stream.release(after: gate)
      async let departure: Void = stream.leave(after: exit)
      let heard = try await reply
      outcome.set(heard)
      gate.open()
      exit.open()
      await release
      await departure
      return heard
    } onCancel: {
      stream.channel.close(promise: nil)
    }
  }
}

private struct HeldStream: Sendable {
  let channel: any Channel
  let reader: NIOLoopBound<HeldReader>
  let reply: EventLoopFuture<HeardReply>

  func release(after gate: Latch) async {
    await gate.wait()
    channel.eventLoop.execute { reader.value.readOn() }
  }

  func leave(after exit: Latch) async {
    await exit.wait()
    channel.eventLoop.execute { reader.value.leave() }
  }
}

/// Reads frame by frame, and no further than the first sound until it is told to.
private final class HeldReader: ChannelInboundHandler {
  typealias InboundIn = HTTP2Line.Frame
  typealias OutboundOut = HTTP2Line.Frame

  let promise: EventLoopPromise<HeardReply>
  private let began: Latch
  private let start = ContinuousClock.now
  private var reply = HeardReply()
  private var bytes = ByteBuffer()
  private var isHeld = true
  private var context: ChannelHandlerContext?

  init(began: Latch, promise: EventLoopPromise<HeardReply>) {
    self.began = began
    self.promise = promise
  }

  func readOn() {
    isHeld = false
    let window = HTTP2Line.Frame.windowUpdate(windowSizeIncrement: Self.openWindow)
    context?.writeAndFlush(wrapOutboundOut(window), promise: nil)
    context?.read()
  }

  /// Bytes that take the rest at once: who reads on by drops is a slow client, and those are cut.
  private static let openWindow = 16 << 20

  func leave() {
    guard let context else { return }
    end(HeldTurn.left, "")
    context.close(promise: nil)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let headers): take(headers.headers)
    case .data(let data):
      if case .byteBuffer(var more) = data.data { bytes.writeBuffer(&more) }
      takeMessages()
    case .rstStream(let code): if reply.status == "OK" { end("CANCELLED", "the stream was reset: \(code)") }
    default: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isHeld || reply.sounds.isEmpty { context.read() } else { began.open() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    reply.duration = ContinuousClock.now - start
    if reply.trailers["grpc-status"] == nil, reply.status == "OK" {
      end("UNAVAILABLE", "the stream ended without a status")
    }
    promise.succeed(reply)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func take(_ headers: HPACKHeaders) {
    for (name, value, _) in headers { reply.trailers[name] = value }
    guard let status = reply.trailers["grpc-status"].flatMap(Int.init) else { return }
    end(WireStatus.name(ofNumber: status), reply.trailers["grpc-message"]?.removingPercentEncoding ?? "")
  }

  private func end(_ status: String, _ message: String) { (reply.status, reply.message) = (status, message) }

  private func takeMessages() {
    while let message = GRPCMessage.next(in: &bytes) {
      guard let response = try? Streaming_StreamResponse(serializedBytes: message) else { continue }
      reply.items.append(HeardReply.Item(response))
      reply.times.append(ContinuousClock.now - start)
    }
  }
}
