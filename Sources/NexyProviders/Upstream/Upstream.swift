import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore

/// One provider's server over HTTP: a request goes out, its answer comes in as it arrives.
///
/// Cancelling the calling task closes the connection. The answer is read only when it is asked for, so that a slow
/// listener slows the server and nothing piles up.
package struct Upstream: Sendable {
  package let budgets: UpstreamBudgets
  private let client: HTTPClient
  private let clock: any Clock<Duration>

  /// - Parameters:
  ///   - client: made with `HTTPClient.Configuration.upstream`; who made it shuts it down.
  package init(client: HTTPClient, budgets: UpstreamBudgets, clock: any Clock<Duration> = ContinuousClock()) {
    self.client = client
    self.budgets = budgets
    self.clock = clock
  }

  /// Sends a request and reads the body of a successful answer.
  ///
  /// - Throws: `UpstreamFailure`, what `read` throws, and `CancellationError`.
  package func post(
    _ request: UpstreamRequest, read: @escaping @Sendable (inout UpstreamBody) async throws -> Void
  ) async throws {
    let watch = UpstreamWatch(budgets: budgets, clock: clock)
    watch.waitsForConnection()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await watch.guardBudgets() }
      group.addTask {
        var body = try await send(request, watch)
        try await read(&body)
      }
      defer { group.cancelAll() }
      try await group.next()
      // Either the call is over, or the guard gave up on the end of an answer that has said what it had to say.
      group.cancelAll()
      guard watch.gaveUp else { return }
      try await group.next()
    }
  }

  private func send(_ request: UpstreamRequest, _ watch: UpstreamWatch) async throws -> UpstreamBody {
    let connection = Connection(watch)
    var message = HTTPClientRequest(url: request.url)
    message.method = .POST
    message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
    message.body = .stream(
      WatchedBody(body: request.body, connection: connection), length: .known(Int64(request.body.readableBytes)))
    let response: HTTPClientResponse
    do {
      response = try await client.execute(message, deadline: .distantFuture)
    } catch {
      try Task.checkCancellation()
      throw UpstreamFailure(error, connected: connection.stands)
    }
    watch.headCame()
    var body = UpstreamBody(response.body, watch: watch)
    guard response.history.count <= 1 else { throw UpstreamFailure.refused(UpstreamRefusal(status: 302)) }
    guard (200..<300).contains(response.status.code) else {
      throw UpstreamFailure.refused(
        UpstreamRefusal(
          status: Int(response.status.code), retryAfter: RetryDelay.stated(in: response.headers),
          body: try await body.beginning(UpstreamRefusal.bodyLimit)))
    }
    if let expected = request.expects, let type = response.headers.first(name: "content-type"),
      !type.lowercased().hasPrefix(expected)
    {
      throw UpstreamFailure.wrongType(String(type.prefix { $0 != ";" }.prefix(64)))
    }
    return body
  }
}
