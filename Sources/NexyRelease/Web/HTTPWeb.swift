import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyUpdates
import Synchronization

/// The web as anybody sees it: GET requests without any credential.
package struct HTTPWeb: ReleaseWeb {
  private let client: HTTPClient
  private let deadline: Duration
  private let clock: any Clock<Duration>

  /// - Parameters:
  ///   - client: Set as `HTTPClient.Configuration.release` sets it.
  ///   - deadline: How long a small answer may take, and how long a large one may stand still.
  package init(
    client: HTTPClient, deadline: Duration = .seconds(30), clock: any Clock<Duration> = SharedClock()
  ) {
    self.client = client
    self.deadline = deadline
    self.clock = clock
  }

  package func get(_ url: String, limit: Int) async throws -> WebAnswer {
    try await read(url) { response, _ in
      guard (response.announcedBytes ?? 0) <= Int64(limit) else {
        throw WebFault("the answer has more than \(limit) bytes")
      }
      var bytes: [UInt8] = []
      for try await piece in response.body {
        bytes += piece.readableBytesView
        guard bytes.count <= limit else { throw WebFault("the answer has more than \(limit) bytes") }
      }
      return (bytes, nil)
    }.answer
  }

  package func digest(
    of url: String, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?) {
    try await read(url) { response, watch in
      guard response.status == .ok else { return ([], nil) }
      return ([], try await response.digest(progress: progress, watch: watch))
    }
  }

  package func fetch(
    _ url: String, to path: String, limit: Int64, progress: @escaping TransferProgress
  ) async throws -> (answer: WebAnswer, digest: FileDigest?) {
    try await read(url) { response, watch in
      guard response.status == .ok else { return ([], nil) }
      let tooLarge = WebFault("the answer has more than \(limit) bytes")
      guard (response.announcedBytes ?? 0) <= limit else { throw tooLarge }
      let digest = try await PartFile.fill(path, isReplacing: false) { part in
        var size: Int64 = 0
        return try await response.digest(progress: progress, watch: watch) { bytes in
          size += Int64(bytes.count)
          guard size <= limit else { throw tooLarge }
          try part.append(bytes)
        }
      }
      return ([], digest)
    }
  }

  private typealias Reading = @Sendable (HTTPClientResponse, SilenceWatch) async throws -> ([UInt8], FileDigest?)

  private func read(_ url: String, _ reading: @escaping Reading) async throws -> (
    answer: WebAnswer, digest: FileDigest?
  ) {
    guard let address = WebAddress(url) else {
      throw NexyError(
        .webUnreachable, "\(url) is no address that is asked. Give an https one, or an http one of this machine.")
    }
    let started = ContinuousClock.now
    do {
      return try await SilenceWatch.run(limit: deadline, clock: clock) { [client] watch in
        let (response, _) = try await client.follow(address) { _ in [:] }
        watch.progressed()
        let (body, digest) = try await reading(response, watch)
        let headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { _, last in last }
        let answer = WebAnswer(
          status: Int(response.status.code), headers: headers, body: body, duration: ContinuousClock.now - started)
        return (answer, digest)
      }
    } catch {
      guard let fault = WebFault.of(error) as? WebFault else { throw WebFault.of(error) }
      throw NexyError(
        .webUnreachable,
        "\(address.forPeople) could not be read: \(fault.reason). Check the address and that its server runs.")
    }
  }
}

/// Runs a body with a web of its own, whose connections are closed when it ends.
/// - Parameter trustRoots: The path of a PEM file with certificate authorities to trust beside the system's.
package func withHTTPWeb<Value: Sendable>(
  deadline: Duration = .seconds(30), trustRoots: String? = nil, _ body: (HTTPWeb) async throws -> Value
) async throws -> Value {
  try await HTTPClient.withHTTPClient(configuration: .release(trustRoots: trustRoots)) { client in
    try await body(HTTPWeb(client: client, deadline: deadline))
  }
}
