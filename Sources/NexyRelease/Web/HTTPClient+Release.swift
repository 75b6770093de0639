import AsyncHTTPClient
import Crypto
import NIOCore
import NIOHTTP1
import NIOSSL
import NexyCore
import NexyUpdates

extension HTTPClient.Configuration {
  /// How the client is set that releases are sent, read back and checked with: redirects are followed by hand, nothing
  /// is decompressed, and who asks decides what is tried again.
  ///
  /// - Parameters:
  ///   - connect: How long a connection with its TLS handshake may take.
  ///   - trustRoots: The path of a PEM file with certificate authorities to trust beside the system's.
  package static func release(connect: Duration = .seconds(20), trustRoots: String? = nil) -> Self {
    var tls = TLSConfiguration.makeClientConfiguration()
    if let trustRoots { tls.additionalTrustRoots = [.file(trustRoots)] }
    var configuration = Self(
      tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: Timeout(connect: TimeAmount(connect)),
      connectionPool: ConnectionPool(idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: 8),
      decompression: .disabled)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    return configuration
  }
}

extension HTTPClient {
  private static let mostRedirects = 10

  /// GETs an address, and what it redirects to.
  ///
  /// - Parameter headers: What is sent to an address; a token goes to its own server alone.
  /// - Returns: The first answer that is no redirect, and where it came from.
  /// - Throws: `WebFault`; what the client throws.
  func follow(
    _ first: WebAddress, headers: (WebAddress) -> HTTPHeaders
  ) async throws -> (response: HTTPClientResponse, address: WebAddress) {
    var address = first
    for _ in 0...Self.mostRedirects {
      var request = HTTPClientRequest(url: address.text)
      request.headers = headers(address)
      request.headers.replaceOrAdd(name: "accept-encoding", value: "identity")
      request.headers.replaceOrAdd(name: "user-agent", value: "nexy/\(Nexy.version)")
      let response = try await execute(request, deadline: .distantFuture)
      guard [301, 302, 303, 307, 308].contains(response.status.code),
        let location = response.headers.first(name: "location")
      else { return (response, address) }
      guard let next = address.redirected(to: location) else {
        throw WebFault("\(address.forPeople) redirects to an address that is not https")
      }
      address = next
    }
    throw WebFault("it redirects more than \(Self.mostRedirects) times")
  }
}

extension HTTPClientResponse {
  /// Bytes that the head announced.
  var announcedBytes: Int64? { headers.first(name: "content-length").flatMap { Int64($0) } }

  /// What the body is, read once with the memory of one piece.
  ///
  /// - Parameter take: Given every piece, in order.
  /// - Throws: `WebFault` for a body that ends early; what the client and `take` throw.
  func digest(
    total: Int64? = nil, progress: TransferProgress, watch: SilenceWatch,
    _ take: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) async throws -> FileDigest {
    var hasher = SHA256()
    var size: Int64 = 0
    let total = announcedBytes ?? total
    for try await piece in body {
      try piece.withUnsafeReadableBytes { bytes in
        hasher.update(bufferPointer: bytes)
        try take(bytes)
        size += Int64(bytes.count)
      }
      watch.progressed()
      progress(size, total ?? size)
    }
    if let announced = announcedBytes, size != announced { throw WebFault(WebFault.cut) }
    return FileDigest(size: size, sha256: hasher.finalize().hexadecimal)
  }
}
