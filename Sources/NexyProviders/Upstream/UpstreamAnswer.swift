import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The head of a provider's answer, and its body as it arrives.
package struct UpstreamAnswer: Sendable {
  package let headers: HTTPHeaders
  package let body: UpstreamBody

  init(_ response: HTTPClientResponse, vendor: Upstream.Vendor) {
    headers = response.headers
    body = UpstreamBody(source: response.body, vendor: vendor)
  }

  /// Such as `text/event-stream`, in lower case and without parameters; empty when the answer does not say.
  package var mediaType: String {
    let value = headers.first(name: "content-type") ?? ""
    return value.prefix { $0 != ";" && $0 != " " }.lowercased()
  }

  /// Whether the body is as the provider wrote it; compression was never offered.
  var isPlain: Bool {
    headers[canonicalForm: "content-encoding"].allSatisfy { $0.lowercased() == "identity" }
  }
}

/// The body of an answer; it is read once. Nothing is read ahead of who iterates but what one read of the socket gave.
package struct UpstreamBody: AsyncSequence, Sendable {
  package typealias Element = ByteBuffer

  let source: HTTPClientResponse.Body
  let vendor: Upstream.Vendor

  package func makeAsyncIterator() -> Iterator { Iterator(source: source.makeAsyncIterator(), vendor: vendor) }

  /// Throws `ProviderFault` where the body breaks off, and `CancellationError` when the task is cancelled.
  package struct Iterator: AsyncIteratorProtocol {
    var source: HTTPClientResponse.Body.AsyncIterator
    let vendor: Upstream.Vendor

    package mutating func next() async throws -> ByteBuffer? {
      do {
        return try await source.next()
      } catch {
        throw vendor.failure(error, isInBody: true)
      }
    }
  }

  /// Gives every piece to `take` until it returns false.
  package func forEach(_ take: (ByteBuffer) async throws -> Bool) async throws {
    for try await buffer in self where try await !take(buffer) { return }
  }
}
