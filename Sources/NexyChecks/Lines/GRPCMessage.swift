import NIOCore
import SwiftProtobuf

/// Messages as they stand in DATA frames: a byte of flags, four of length, the message
/// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
enum GRPCMessage {
  /// What every call says of itself.
  static let fields = [("content-type", "application/grpc"), ("te", "trailers")]
  static let streamAudio = "/streaming.StreamingService/StreamAudio"

  static func framed(_ message: some Message) throws -> [UInt8] {
    let bytes: [UInt8] = try message.serializedBytes()
    return [0] + (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
  }

  /// Takes the next whole message.
  static func next(in bytes: inout ByteBuffer) -> [UInt8]? {
    guard let length = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self),
      bytes.readableBytes >= 5 + Int(length)
    else { return nil }
    bytes.moveReaderIndex(forwardBy: 5)
    defer { bytes.discardReadBytes() }
    return bytes.readBytes(length: Int(length))
  }
}
