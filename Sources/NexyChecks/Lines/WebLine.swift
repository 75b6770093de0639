import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import NexyCore

/// What a server answered to one HTTP request.
struct WebAnswer: Sendable {
  let status: Int
  /// Names in lower case; a header that came twice is joined with a comma.
  let headers: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  /// What is wrong with a page about health that should be 200 and say one word; its own reasons tell why.
  func faults(_ page: [String: JSONValue], wanting word: String) -> [String] {
    let said = page.text("status") ?? "no status"
    let isSaid = said == word ? [] : ["\(said): \(page.texts("reasons").joined(separator: "; "))"]
    return (status == 200 ? [] : ["HTTP \(status)"]) + isSaid
  }

  /// The body as a JSON object; nil for anything else.
  var object: [String: JSONValue]? { (try? JSONReader.document(body))?.value.object }
}

/// The web's side of a server: one request after another, nothing followed, nothing tried again.
struct WebLine: Sendable {
  private static let largestAnswer = 4 << 20

  private let client: HTTPClient
  /// For other hosts, where releases may lie: the target's pin says nothing of them.
  private let others: HTTPClient
  private let host: String
  private let patience: Duration

  static func with<Value: Sendable>(
    _ target: CheckTarget, patience: Duration, _ body: (WebLine) async throws -> Value
  ) async throws -> Value {
    let own = configuration(try target.trust.configuration(), patience)
    let foreign = configuration(try target.trust.configurationForOthers(), patience)
    return try await HTTPClient.withHTTPClient(configuration: own) { client in
      try await HTTPClient.withHTTPClient(configuration: foreign) { others in
        try await body(WebLine(client: client, others: others, host: target.host, patience: patience))
      }
    }
  }

  private static func configuration(_ tls: TLSConfiguration, _ patience: Duration) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(patience)),
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  /// - Throws: `NexyError` with code `noAnswer` when no whole answer came in time; what it was is in its message.
  func get(
    _ address: String, method: HTTPMethod = .GET, headers: [(String, String)] = []
  ) async throws -> WebAnswer {
    try await send(address, method, headers) { response in
      [UInt8](buffer: try await response.body.collect(upTo: Self.largestAnswer))
    }
  }

  /// GETs an address, or what it redirects to, as a client's download does.
  ///
  /// - Parameters:
  ///   - limit: How long all of it may take.
  ///   - take: Given every piece of a body with status 200, which is then not in the answer.
  /// - Throws: `NexyError` with code `noAnswer`; what `take` throws.
  func follow(
    _ address: String, headers: [(String, String)] = [], limit: Duration? = nil,
    _ take: (@Sendable (ByteBuffer) throws -> Void)? = nil
  ) async throws -> WebAnswer {
    var address = address
    for _ in 0...Self.mostRedirects {
      let answer = try await send(address, .GET, headers, limit: limit) { response in
        guard let take, response.status == .ok else {
          return [UInt8](buffer: try await response.body.collect(upTo: Self.largestAnswer))
        }
        for try await piece in response.body { try take(piece) }
        return []
      }
      guard [301, 302, 303, 307, 308].contains(answer.status), let next = answer.headers["location"] else {
        return answer
      }
      address = URL(string: next, relativeTo: URL(string: address))?.absoluteString ?? next
    }
    throw NexyError(.noAnswer, "\(address) redirects without end")
  }

  private static let mostRedirects = 5

  private func send(
    _ address: String, _ method: HTTPMethod, _ headers: [(String, String)], limit: Duration? = nil,
    _ read: @escaping @Sendable (HTTPClientResponse) async throws -> [UInt8]
  ) async throws -> WebAnswer {
    let request = {
      var request = HTTPClientRequest(url: address)
      request.method = method
      request.headers = HTTPHeaders([("user-agent", "nexy-check")] + headers)
      return request
    }()
    let limit = limit ?? patience
    let client = isOurs(address) ? client : others
    do {
      // The client's own limit ends with the head of an answer.
      let answer = try await within(limit) {
        let response = try await client.execute(request, timeout: TimeAmount(limit))
        return WebAnswer(
          status: Int(response.status.code),
          headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" },
          body: try await read(response))
      }
      guard let answer else {
        throw NexyError(.noAnswer, "\(address) gave no whole answer within \(limit.told)")
      }
      return answer
    } catch let error as NexyError {
      throw error
    } catch {
      throw NexyError(.noAnswer, "\(address) gave no answer: \(Self.reason(error))", cause: error)
    }
  }

  private func isOurs(_ address: String) -> Bool {
    guard let named = URL(string: address)?.host()?.lowercased() else { return true }
    return [host.lowercased(), "[\(host.lowercased())]"].contains(named)
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: error.shortDescription
    case let error as NIOSSLError: "TLS: \(error)"
    default: "\(error)"
    }
  }
}

extension NexyError.Code {
  /// A server gave no answer that could be read.
  static let noAnswer = Self("no_answer")
}
