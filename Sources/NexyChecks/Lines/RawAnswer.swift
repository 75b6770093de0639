import NIOCore
import NIOHPACK
import NIOHTTP2

/// What came back on one HTTP/2 stream, as it stood on the wire.
struct RawAnswer: Sendable {
  /// Headers and trailers together; names in lower case.
  var fields: [String: String] = [:]
  /// Whether the stream ended with RST_STREAM.
  var isReset = false
  /// Whether it ended with nothing of the kind: the connection went away.
  var isCut = false

  var httpStatus: Int? { fields[":status"].flatMap(Int.init) }
  var grpcStatus: Int? { fields["grpc-status"].flatMap(Int.init) }

  var told: String {
    let http = httpStatus.map { "HTTP \($0)" } ?? "no HTTP status"
    let grpc = grpcStatus.map { "grpc-status \($0)" } ?? "no grpc-status"
    return "\(http), \(grpc)" + (isReset ? ", the stream is reset" : isCut ? ", the connection ended" : "")
  }
}

extension RawAnswer {
  init(_ frames: NIOAsyncChannelInboundStream<HTTP2Line.Frame>) async {
    do {
      for try await frame in frames {
        switch frame {
        case .headers(let headers):
          for (name, value, _) in headers.headers { fields[name] = value }
          if headers.endStream { return }
        case .data(let data): if data.endStream { return }
        case .rstStream:
          isReset = true
          return
        default: break
        }
      }
    } catch {}
    isCut = true
  }
}
