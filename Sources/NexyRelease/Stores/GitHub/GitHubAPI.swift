import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore

/// GitHub's REST API for one repository (https://docs.github.com/en/rest): sends requests, waits for limits, and tries
/// again what GitHub failed to answer.
///
/// The token goes to the API's own server, and to the upload server that the API named; it stands in no address, no
/// error and no log.
struct GitHubAPI: Sendable {
  /// Asked for at every request.
  typealias Token = @Sendable () async throws -> String

  /// An answer with a hundred assets has some 300 KiB.
  private static let longestAnswer = 8 << 20

  /// Such as `https://api.github.com`, without a slash at its end.
  let base: WebAddress
  /// `owner/name`.
  let repository: String
  let client: HTTPClient
  let token: Token
  let patience: GitHubPatience
  /// How long a request may make no progress.
  let silence: Duration
  /// What `silence` is measured by.
  let clock: any Clock<Duration>

  /// A request with a small answer.
  struct Call: Sendable {
    var method: HTTPMethod = .GET
    /// Below the repository, such as `/releases`; with its query.
    var path: String
    var json: String?
    /// Whether it goes on when the task is cancelled: what it changes must not be left half done.
    var isShielded = false
  }

  /// Sends a request until it has an answer that waiting would not change.
  /// - Throws: `NexyError` with code `storeUnreachable`, `storeLimited`, or `storeRefused` for a token that is none.
  func send(_ call: Call) async throws -> (answer: GitHubAnswer, verdict: GitHubVerdict) {
    let reply = try await persistently(isShielded: call.isShielded) {
      (try await (call.isShielded ? shielded(call) : once(call)), ())
    }
    return (reply.answer, reply.verdict)
  }

  /// Asks for something that is there.
  /// - Returns: nil when it is not there.
  func get(_ path: String, to what: String) async throws -> GitHubAnswer? {
    let (answer, verdict) = try await send(Call(path: path))
    switch verdict {
    case .success: return answer
    case .missing: return nil
    default: throw refusal(answer, verdict, to: what)
    }
  }

  /// Repeats one exchange until its answer is none of a limit or a failure.
  func persistently<Value>(
    isShielded: Bool = false, _ once: () async throws -> (GitHubAnswer, Value)
  ) async throws -> (answer: GitHubAnswer, verdict: GitHubVerdict, value: Value?) {
    var (failures, limits) = (0, 0)
    while true {
      if !isShielded { try Task.checkCancellation() }
      let reason: String
      var asked: Duration?
      switch try await outcome(once) {
      case .failure(let fault): reason = fault.reason
      case .success(let (answer, value)):
        let verdict = GitHubVerdict.of(answer, repeats: limits, now: patience.now)
        switch verdict {
        case .limited(let limit, let wait):
          limits += 1
          try await patience.wait(for: limit, wait)
          continue
        case .failing(let wait): (reason, asked) = ("GitHub failed (\(answer.status))", wait)
        default: return (answer, verdict, value)
        }
      }
      failures += 1
      guard failures <= patience.retries else { throw unreachable(reason) }
      try await patience.backOff(failures: failures, asked: asked, reason)
    }
  }

  /// What came of one exchange; `CancellationError` and what is no fault of the web are thrown.
  func outcome<Value>(_ once: () async throws -> Value) async throws -> Result<Value, WebFault> {
    do {
      return .success(try await once())
    } catch {
      let told = WebFault.of(error)
      guard let fault = told as? WebFault else { throw told }
      return .failure(fault)
    }
  }

  private func once(_ call: Call) async throws -> GitHubAnswer {
    var request = HTTPClientRequest(url: url(call.path))
    request.method = call.method
    request.headers = try await headers()
    if let json = call.json {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(string: json))
    }
    return try await SilenceWatch.run(limit: silence, clock: clock) { [client, request] watch in
      try await Self.read(client.execute(request, deadline: .distantFuture), watch)
    }
  }

  /// The same by the client's other interface, whose requests no cancelled task ends; its time is bounded.
  private func shielded(_ call: Call) async throws -> GitHubAnswer {
    var request = try HTTPClient.Request(url: url(call.path), method: call.method, headers: try await headers())
    if let json = call.json {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .string(json)
    }
    let accumulator = ResponseAccumulator(request: request, maxBodySize: Self.longestAnswer)
    let response = try await client.execute(
      request: request, delegate: accumulator, deadline: .now() + TimeAmount(silence)
    ).get()
    return GitHubAnswer(
      status: Int(response.status.code), headers: response.headers,
      body: response.body.map { Array($0.readableBytesView) } ?? [])
  }

  /// Reads an answer to its end.
  static func read(_ response: HTTPClientResponse, _ watch: SilenceWatch) async throws -> GitHubAnswer {
    watch.progressed()
    let body = try await response.body.collect(upTo: longestAnswer)
    return GitHubAnswer(
      status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
  }

  func url(_ path: String) -> String { "\(base.text)/repos/\(repository)\(path)" }

  /// What goes with every request to the API and to its upload server.
  func headers(accept: String = "application/vnd.github+json") async throws -> HTTPHeaders {
    let token = try await token().trimmed
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw NexyError(
        .storeRefused, "There is no token for GitHub, or it holds characters that none has. \(Self.tokenRemedy)")
    }
    return [
      "accept": accept, "authorization": "Bearer \(token)", "user-agent": "nexy/\(Nexy.version)",
      "x-github-api-version": "2022-11-28",
    ]
  }
}
