import NIOCore

/// One HTTP/1.1 request as it stands on the wire, of a client that tells the length of its body.
struct RawRequest: Sendable, Equatable {
  /// Such as `POST /v1/chat/completions HTTP/1.1`.
  let line: String
  let body: String

  /// Takes a request from the front of what came; nil while it is not whole.
  static func take(from buffer: inout ByteBuffer) -> RawRequest? {
    let bytes = buffer.readableBytesView
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let length = head.dropFirst().compactMap(bodyLength).first ?? 0
    let headLength = bytes.distance(from: bytes.startIndex, to: end.upperBound)
    guard bytes.count >= headLength + length else { return nil }
    buffer.moveReaderIndex(forwardBy: headLength)
    return RawRequest(line: String(head.first ?? ""), body: buffer.readString(length: length) ?? "")
  }

  private static func bodyLength(_ header: Substring) -> Int? {
    let parts = header.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
    return Int(parts[1].drop { $0 == " " })
  }
}
