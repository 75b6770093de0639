import NIOCore
import NIOHPACK
import NIOHTTP2
import NexyCore

/// What came back on one HTTP/2 stream, as it stood on the wire.
struct RawAnswer: Sendable {
  /// Headers and trailers together; names in lower case.
  var fields: [String: String] = [:]
  /// Whether the stream ended with RST_STREAM, or without an end.
  var isReset = false

  var httpStatus: Int? { fields[":status"].flatMap(Int.init) }
  var grpcStatus: Int? { fields["grpc-status"].flatMap(Int.init) }

  var told: String {
    let http = httpStatus.map { "HTTP \($0)" } ?? "no HTTP status"
    let grpc = grpcStatus.map { "grpc-status \($0)" } ?? "no grpc-status"
    return isReset ? "\(http), \(grpc), the stream is reset" : "\(http), \(grpc)"
  }
}

/// One HTTP/2 request that no gRPC library would send.
struct RawLine: Sendable {
  let target: CheckTarget
  let patience: Duration

  /// - Parameters:
  ///   - path: Such as `/streaming.StreamingService/StreamAudio`.
  ///   - fields: Beside the method, the path, the scheme and the authority.
  /// - Throws: `NexyError` with code `noAnswer`.
  func post(_ path: String, _ fields: [(String, String)], body: [UInt8]) async throws -> RawAnswer {
    try await HTTP2Line.with(target, patience: patience) { line in
      let stream = try await line.open { stream in
        stream.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<HTTP2Line.Frame, HTTP2Line.Frame>(wrappingChannelSynchronously: stream)
        }
      }
      let frames = line.post(path, fields, body: body)
      return try await bounded(patience) {
        try await stream.executeThenClose { inbound, outbound in
          // A server may refuse before it has read all of it.
          for frame in frames { try? await outbound.write(frame) }
          return await Self.answer(inbound)
        }
      }
    }
  }

  private static func answer(_ frames: NIOAsyncChannelInboundStream<HTTP2Line.Frame>) async -> RawAnswer {
    var answer = RawAnswer()
    do {
      for try await frame in frames {
        switch frame {
        case .headers(let headers):
          for (name, value, _) in headers.headers { answer.fields[name] = value }
          if headers.endStream { return answer }
        case .data(let data): if data.endStream { return answer }
        case .rstStream:
          answer.isReset = true
          return answer
        default: break
        }
      }
    } catch {}
    answer.isReset = true
    return answer
  }
}
