import NIOCore
import NIOPosix

/// A response as it came over the wire.
struct RawResponse: Sendable {
  let status: Int
  /// By lower-case name.
  let fields: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
}

/// An HTTP/1.1 client that sends what it is told and counts every byte that comes back.
struct RawConnection {
  /// The server ended the connection in the middle of a response, or instead of one.
  struct BrokenOff: Error { let received: Int }
  /// Something else than a response came.
  struct Nonsense: Error { let bytes: String }

  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private var received = ByteBuffer()

  static func open<Value: Sendable>(
    _ port: Int, _ use: (inout RawConnection) async throws -> Value
  ) async throws -> Value {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var connection = RawConnection(outbound: outbound, inbound: inbound.makeAsyncIterator())
      return try await use(&connection)
    }
  }

  private init(
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  ) {
    self.outbound = outbound
    self.inbound = inbound
  }

  func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

  mutating func get(_ path: String, _ fields: [String: String] = [:], method: String = "GET") async throws
    -> RawResponse
  {
    try await send(Self.request(path, fields, method: method))
    return try await response(isHead: method == "HEAD")
  }

  static func request(_ path: String, _ fields: [String: String] = [:], method: String = "GET") -> String {
    let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    return "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n"
  }

  mutating func response(isHead: Bool = false) async throws -> RawResponse {
    let (status, fields) = try await head()
    let hasBody = !isHead && status != 304
    let count = hasBody ? Int(fields["content-length"] ?? "") ?? -1 : 0
    guard count >= 0 else { throw Nonsense(bytes: "no length: \(status) \(fields)") }
    return RawResponse(status: status, fields: fields, body: try await bytes(count))
  }

  /// The status and the fields alone.
  mutating func head() async throws -> (status: Int, fields: [String: String]) {
    while true {
      let count = received.withUnsafeReadableBytes { bytes in
        bytes.indices.dropLast(3).first { start in
          bytes[start] == 13 && bytes[start + 1] == 10 && bytes[start + 2] == 13 && bytes[start + 3] == 10
        }
      }
      if let count, let text = received.readString(length: count) {
        received.moveReaderIndex(forwardBy: 4)
        return try parse(text)
      }
      try await more()
    }
  }

  mutating func bytes(_ count: Int) async throws -> [UInt8] {
    while received.readableBytes < count { try await more() }
    return received.readBytes(length: count) ?? []
  }

  private mutating func more() async throws {
    guard var next = try? await inbound.next() else { throw BrokenOff(received: received.readableBytes) }
    received.discardReadBytes()
    received.writeBuffer(&next)
  }

  private func parse(_ text: String) throws -> (Int, [String: String]) {
    let lines = text.split(separator: "\r\n")
    guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
      throw Nonsense(bytes: String(text.prefix(200)))
    }
    let fields = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (parts[0].lowercased(), parts[1].trimmingPrefix(" ").description)
    }
    return (status, Dictionary(fields) { "\($0), \($1)" })
  }
}
