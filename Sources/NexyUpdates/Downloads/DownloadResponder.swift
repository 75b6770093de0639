import HTTPTypes
import Hummingbird
import NIOCore
import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Answers `GET` and `HEAD` of `/downloads/{name}`.
package struct DownloadResponder: Sendable {
  /// Makes an answer that is no file; the fields given must be in it.
  package typealias Refusal =
    @Sendable (_ request: Request, _ status: HTTPResponse.Status, _ text: String, _ fields: HTTPFields) -> Response

  /// Bytes that are read and written at once.
  package static let chunkBytes = 256 << 10
  /// Seconds after which a client that found all slots taken may come again.
  private static let retryAfter = 10

  private let shelf: DownloadShelf
  private let limits: @Sendable () -> DownloadLimits
  private let chunkBytes: Int
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Int64
  private let refusal: Refusal
  private let onEnd: @Sendable (DownloadEnd) -> Void
  private let slots = DownloadSlots()

  /// - Parameters:
  ///   - limits: Asked at every request.
  ///   - now: Seconds since 1970.
  ///   - refusal: Plain text, unless something else is given.
  ///   - onEnd: Told of every body that was begun.
  package init(
    shelf: DownloadShelf, limits: @escaping @Sendable () -> DownloadLimits,
    chunkBytes: Int = Self.chunkBytes, clock: any Clock<Duration> = SharedClock(),
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }, refusal: @escaping Refusal = Self.plainText,
    onEnd: @escaping @Sendable (DownloadEnd) -> Void = { _ in }
  ) {
    self.shelf = shelf
    self.limits = limits
    self.chunkBytes = chunkBytes
    self.clock = clock
    self.now = now
    self.refusal = refusal
    self.onEnd = onEnd
  }

  /// How many bodies are being sent.
  package var active: Int { slots.count }

  /// - Parameters:
  ///   - name: The path's last segment as it was sent, with its escapes.
  ///   - loop: The event loop of the request's connection.
  /// - Throws: `NexyError` with code `fileNotRead`, when the folder is there and cannot be read.
  package func respond(to request: Request, name: Substring, on loop: any EventLoop) async throws -> Response {
    let isHead = request.method == .head
    guard isHead || request.method == .get else {
      return refusal(request, .methodNotAllowed, "Only GET and HEAD are allowed here", [.allow: "GET, HEAD"])
    }
    let response = try await answer(request, name: name, loop, isHead: isHead)
    return isHead ? response.createHeadResponse() : response
  }

  private func answer(
    _ request: Request, name: Substring, _ loop: any EventLoop, isHead: Bool
  ) async throws -> Response {
    guard let (file, checksum) = try await shelf.take(name) else {
      return refusal(request, .notFound, "File not found", [:])
    }
    let size = file.stamp.size
    // No answer tells a time that has not come (RFC 9110, section 8.8.2.1).
    let modified = min(file.stamp.modified, now())
    var fields = DownloadFields.describing(file.name, tag: checksum, modified: modified)
    let decision = DownloadAnswer.decide(
      request.headers, isHead: isHead, validators: .init(tag: checksum, modified: modified), size: size)
    switch decision {
    case .whole:
      return body(request, .ok, fields, of: file, range: 0..<size, isHead: isHead, loop)
    case .part(let range):
      fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
      return body(request, .partialContent, fields, of: file, range: range, isHead: isHead, loop)
    case .notModified:
      fields[.contentType] = nil
      fields[.contentDisposition] = nil
      return Response(status: .notModified, headers: fields)
    case .preconditionFailed:
      return refusal(request, .preconditionFailed, "The file is not the one that the request names", [:])
    case .unsatisfiable:
      return refusal(
        request, .rangeNotSatisfiable, "The file has \(size) bytes and none in that range",
        [.contentRange: "bytes */\(size)", .acceptRanges: "bytes"])
    }
  }

  private func body(
    _ request: Request, _ status: HTTPResponse.Status, _ fields: HTTPFields, of file: OpenFile, range: Range<Int64>,
    isHead: Bool, _ loop: any EventLoop
  ) -> Response {
    var fields = fields
    fields[.contentLength] = "\(range.count)"
    guard !isHead, !range.isEmpty else { return Response(status: status, headers: fields) }
    let limits = limits()
    guard let slot = slots.claim(limit: limits.concurrent) else {
      return refusal(
        request, .serviceUnavailable, "Too many downloads at once; try again in \(Self.retryAfter) seconds",
        [.retryAfter: "\(Self.retryAfter)"])
    }
    let stream = DownloadStream(
      file: file, range: range, slot: slot, limits: limits, chunkBytes: chunkBytes, pool: shelf.pool, loop: loop,
      clock: clock, onEnd: onEnd)
    return Response(
      status: status, headers: fields,
      body: ResponseBody(contentLength: range.count) { writer in try await stream.send(to: writer) })
  }

  /// A line of text.
  package static let plainText: Refusal = { _, status, text, fields in
    var fields = fields
    fields[.contentType] = "text/plain; charset=utf-8"
    fields[.xContentTypeOptions] = "nosniff"
    return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
  }
}
