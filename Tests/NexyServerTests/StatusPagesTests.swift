import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NexyCore
import NexyObservability
import NexyVoice
import Testing

@testable import NexyServer

@Suite("The HTTP pages tell how the server is")
struct StatusPagesTests {
  @Test("/health has the fields that operators' checks read")
  func health() async throws {
    let answer = try await get("/health")
    #expect(answer.status == .ok)
    let body = try answer.object
    #expect(body["status"] == "OK")
    #expect(body["latest_version"] == "1.2.3.4")
    #expect(body["latest_build"] == "77")
    #expect(body["server_version"] == .string(Nexy.version))
    #expect(body["ffmpeg_available"] == false)
  }

  private static let healthHeaders = [
    ("Cache-Control", "public, max-age=30"), ("Pragma", "no-cache"), ("Expires", "0"),
    ("Content-Type", "application/json; charset=utf-8"),
  ]

  @Test("/health may be kept for half a minute", arguments: healthHeaders)
  func healthHeader(name: String, value: String) async throws {
    let header = try #require(HTTPField.Name(name))
    #expect(try await get("/health").headers[values: header] == [value])
  }

  @Test("/health says whether ffmpeg is there", arguments: [true, false])
  func ffmpeg(available: Bool) async throws {
    let answer = try await get("/health", facts: Self.facts(ffmpeg: available))
    #expect(try answer.object["ffmpeg_available"] == .bool(available))
  }

  @Test("/status has the fields that operators' checks read")
  func status() async throws {
    let answer = try await get("/status")
    #expect(answer.status == .ok)
    #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
    #expect(answer.headers[.cacheControl] == nil)
    let expected: [String: JSONValue] = [
      "status": "running", "service": "voice-assistant", "latest_version": "1.2.3.4", "latest_build": "77",
      "server_version": .string(Nexy.version), "model": "offline", "voice": "espeak", "voice_available": true,
      "active_turns": 0, "health": "OK", "flags": ["a.flag": true],
      "limits": [
        "turns": 7, "turns_per_device": 4, "turn_seconds": 300, "idle_seconds": 900, "device_requests_per_second": 0,
      ],
      "update_server": "disabled", "uptime_seconds": 0,
      "providers": [],
      "endpoints": [
        "health": "/health", "status": "/status", "metrics": "/metrics", "grpc": "port 50999", "updates": "disabled",
      ],
    ]
    var body = try answer.object
    guard case .integer = body.updateValue(0, forKey: "uptime_seconds") else {
      Issue.record("no uptime")
      return
    }
    #expect(body == expected)
  }

  @Test("/status tells where updates are served")
  func updates() async throws {
    let body = try await get("/status", facts: Self.facts(updates: 50998)).object
    #expect(body["update_server"] == "enabled")
    #expect(body["endpoints"]?.object?["updates"] == "port 50998")
  }

  @Test("/status tells no gRPC port before there is one")
  func starting() async throws {
    let answer = try await get("/status", facts: Self.facts(port: nil))
    let grpc = try answer.object["endpoints"]?.object?["grpc"]?.string
    #expect(grpc?.contains(where: \.isNumber) == false)
  }

  @Test("/status tells what is true at that moment")
  func currentFacts() async throws {
    let facts = Self.facts()
    let counts = try await Application(router: StatusListener.router(StatusPages(facts: facts))).test(.router) {
      client in
      let none = try await client.execute(uri: "/status", method: .get).object["active_turns"]
      let one = try await facts.registry.withSlot(for: nil) { _ in
        try await client.execute(uri: "/status", method: .get).object["active_turns"]
      }
      return [none, one]
    }
    #expect(counts == [0, 1])
  }

  private static let troubles: [(kind: ServerHealth.Trouble.Kind, status: String, ready: Bool, code: Int)] = [
    (.speech, "degraded", false, 200), (.settings, "degraded", true, 200), (.log, "degraded", true, 200),
    (.draining, "draining", false, 503),
  ]

  @Test("/health tells ready from degraded, with reasons", arguments: troubles)
  func trouble(kind: ServerHealth.Trouble.Kind, status: String, ready: Bool, code: Int) async throws {
    let facts = Self.facts()
    facts.health.note(kind, "something is wrong")
    let answer = try await get("/health", facts: facts)
    #expect(answer.status.code == code)
    let body = try answer.object
    #expect(body["status"] == .string(status))
    #expect(body["ready"] == .bool(ready))
    #expect(body["reasons"] == ["something is wrong"])
    #expect(answer.headers[.cacheControl]?.contains("no-cache") == true)
    facts.health.clear(kind)
    #expect(try await get("/health", facts: facts).object["status"] == "OK")
  }

  @Test("/metrics speaks Prometheus' text format")
  func metrics() async throws {
    let answer = try await get("/metrics", facts: Self.facts(metricsLoopbackOnly: false))
    #expect(answer.status == .ok)
    #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
    #expect(String(buffer: answer.body).contains("nexy_ready 1"))
  }

  @Test("/metrics tells nothing to whom a proxy speaks for", arguments: ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
  func forwardedMetrics(header: String) async throws {
    let headers: HTTPFields = [try #require(HTTPField.Name(header)): "203.0.113.7"]
    #expect(try await request("/metrics", .get, headers: headers).status == .forbidden)
    let open = Self.facts(metricsLoopbackOnly: false)
    #expect(try await request("/metrics", .get, headers: headers, facts: open).status == .ok)
  }

  @Test("the root greets")
  func root() async throws {
    let answer = try await get("/")
    #expect(answer.status == .ok)
    #expect(answer.headers[.contentType]?.hasPrefix("text/plain") == true)
    #expect(String(buffer: answer.body).hasPrefix("Voice Assistant Server is running!"))
  }

  @Test("HEAD has the headers of GET and no body", arguments: ["/", "/health", "/status"])
  func head(path: String) async throws {
    let head = try await request(path, .head)
    let get = try await get(path)
    #expect(head.status == .ok)
    #expect(head.body.readableBytes == 0)
    #expect(head.headers[.contentType] == get.headers[.contentType])
    #expect(head.headers[.cacheControl] == get.headers[.cacheControl])
  }

  @Test(
    "a page that does not exist is a 404 in JSON",
    arguments: ["/nothing", "/health/deep", "/status.json", "/downloads/%2f..%2fsecret", "/HEALTH"],
    [HTTPRequest.Method.get, .post, .delete])
  func notFound(path: String, method: HTTPRequest.Method) async throws {
    let answer = try await request(path, method)
    #expect(answer.status == .notFound)
    #expect(answer.headers[.contentType]?.hasPrefix("application/json") == true)
    #expect(try answer.object["error"]?.string?.isEmpty == false)
    #expect(try answer.object.keys.sorted() == ["error"])
  }

  @Test(
    "another method on a page is a 405 in JSON that names what is allowed", arguments: ["/", "/health", "/status"],
    [HTTPRequest.Method.post, .put, .delete, .patch, .options])
  func notAllowed(path: String, method: HTTPRequest.Method) async throws {
    let answer = try await request(path, method)
    #expect(answer.status == .methodNotAllowed)
    #expect(answer.headers[.allow] == "GET, HEAD")
    #expect(answer.headers[.contentType]?.hasPrefix("application/json") == true)
    #expect(try answer.object["error"]?.string?.isEmpty == false)
  }

  @Test("a query changes nothing")
  func query() async throws {
    #expect(try await get("/health?verbose=1").status == .ok)
    #expect(try await request("/health?verbose=1", .post).status == .methodNotAllowed)
  }

  @Test("no page tells a path of the machine", arguments: ["/", "/health", "/status", "/nothing"])
  func noPaths(path: String) async throws {
    let text = String(buffer: try await get(path).body)
    let slashed = text.matches(of: #/(?:^|["\s=:])(\/[^"\s]+)/#).map { String($0.1) }
    #expect(Set(slashed).subtracting(["/health", "/status", "/status.", "/metrics"]) == [])
    #expect(!text.contains("file:"))
  }

  private func get(_ path: String, facts: ServerFacts = facts()) async throws -> TestResponse {
    try await request(path, .get, facts: facts)
  }

  private func request(
    _ path: String, _ method: HTTPRequest.Method, headers: HTTPFields = [:], facts: ServerFacts = facts()
  ) async throws -> TestResponse {
    try await Application(router: StatusListener.router(StatusPages(facts: facts))).test(.router) { client in
      try await client.execute(uri: path, method: method, headers: headers)
    }
  }

  private static func facts(
    ffmpeg: Bool = false, port: Int? = 50999, updates: Int? = nil, metricsLoopbackOnly: Bool = true
  ) -> ServerFacts {
    ServerFacts(
      latest: { ("1.2.3.4", "77") }, model: "offline", voice: "espeak", ffmpegAvailable: ffmpeg,
      grpcPort: { port }, updatesPort: { updates }, flags: { ["a.flag": true] },
      registry: TurnRegistry(limits: TurnLimits(turns: 7)), health: ServerHealth(), metrics: ServerMetrics(),
      metricsLoopbackOnly: metricsLoopbackOnly)
  }
}

extension TestResponse {
  fileprivate var object: [String: JSONValue] {
    get throws { try JSONDecoder().decode([String: JSONValue].self, from: Data(body.readableBytesView)) }
  }
}
