import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NexyTestSupport
import Testing

@testable import NexyProviders

@Suite struct UpstreamTests {
  static let vendor = Upstream.Vendor(
    name: "Acme", keySetting: "ACME_KEY", addressSetting: "ACME_BASE_URL", modelSetting: "ACME_MODEL")

  /// Its clock stands still, so that a slow machine cuts no error body short.
  static func upstream(_ client: HTTPClient, _ clock: VirtualClock = VirtualClock()) -> Upstream {
    Upstream(client: client, vendor: vendor, clock: clock)
  }

  static func request(_ url: String, key: String = "k-secret-123") -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "x-key", value: key)
    return request
  }

  /// The fault of a request that is answered so.
  private func fault(
    tls: Bool = false, key: String = "k-secret-123", _ script: @escaping FakeUpstream.Script
  ) async throws -> ProviderFault? {
    let context = tls ? try TestCertificate.serverContext() : nil
    return try await FakeUpstream.serve(tls: context, script) { fake, client in
      let base = tls ? "https://127.0.0.1:\(fake.port)" : fake.url
      return try await NexyProvidersTests.fault {
        let answer = try await Self.upstream(client).open(Self.request(base, key: key))
        for try await _ in answer.body {}
      }
    }
  }

  @Test func `an answer of success comes through as it arrives`() async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.begin(status: 201, headers: ["content-type": "Text/Plain; charset=utf-8"])
      for piece in ["one ", "two ", "three"] { try await answer.send(piece) }
      try await answer.end()
    } _: { fake, client in
      let answer = try await Self.upstream(client).open(Self.request(fake.url))
      var bytes = ByteBuffer()
      for try await var buffer in answer.body { bytes.writeBuffer(&buffer) }
      #expect(String(buffer: bytes) == "one two three")
      #expect(answer.mediaType == "text/plain")
      #expect(fake.requests.first?.headers.first(name: "x-key") == "k-secret-123")
    }
  }

  @Test func `a connection serves the next request`() async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.respond(200, "yes")
    } _: { fake, client in
      for _ in 0..<3 {
        let answer = try await Self.upstream(client).open(Self.request(fake.url))
        for try await _ in answer.body {}
      }
      #expect(fake.connections == 1)
    }
  }

  @Test func `an error body is explained by its reader`() async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.respond(418, headers: ["x-more": "yes"], String(repeating: "x", count: 200_000))
    } _: { fake, client in
      let fault = try await NexyProvidersTests.fault {
        _ = try await Self.upstream(client).open(Self.request(fake.url)) { status, headers, body in
          ProviderFault(.empty, "\(status.code) \(headers["x-more"]) \(body.count)")
        }
      }
      #expect(fault == ProviderFault(.empty, "418 [\"yes\"] 65536"))
    }
  }

  @Test func `an error body that never ends is left alone`() async throws {
    let clock = VirtualClock()
    try await FakeUpstream.serve { _, answer in
      try await answer.begin(status: 401, headers: [:])
      try await answer.send("{\"error\":")
      try await answer.waitForClose()
    } _: { fake, client in
      async let fault = NexyProvidersTests.fault {
        _ = try await Self.upstream(client, clock).open(Self.request(fake.url))
      }
      await clock.waitForSleepers(1)
      clock.advance(by: Upstream.explanationLimit)
      let kind = try await fault?.kind
      #expect(kind == .keyInvalid)
    }
  }

  @Test func `a redirect is not followed`() async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.respond(307, headers: ["location": "/elsewhere"], "")
    } _: { fake, client in
      let fault = try await NexyProvidersTests.fault {
        _ = try await Self.upstream(client).open(Self.request(fake.url))
      }
      #expect(fault?.kind == .redirected)
      #expect(fake.requests.count == 1)
    }
  }

  struct Wire: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: String
    var kind: ProviderFault.Kind
  }

  static let wires: [Wire] = [
    Wire(testDescription: "no answer", bytes: "", kind: .unreachable),
    Wire(testDescription: "half a head", bytes: "HTTP/1.1 200 OK\r\ncontent-", kind: .unreachable),
    Wire(testDescription: "no HTTP", bytes: "SSH-2.0-OpenSSH_9.2\r\n\r\n", kind: .malformed),
    Wire(
      testDescription: "half a body", bytes: "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", kind: .cutOff),
    Wire(
      testDescription: "half a chunk", bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
      kind: .cutOff),
    Wire(
      testDescription: "no last chunk", bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
      kind: .cutOff),
    Wire(
      testDescription: "a bad chunk", bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab\r\n",
      kind: .malformed),
    Wire(
      testDescription: "compressed", bytes: "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n",
      kind: .malformed),
    Wire(
      testDescription: "half an error", bytes: "HTTP/1.1 429 No\r\nretry-after: 7\r\ncontent-length: 10\r\n\r\n{",
      kind: .quota),
  ]

  @Test(arguments: wires) func `a broken answer is told by where it breaks`(_ wire: Wire) async throws {
    let fault = try await fault { _, answer in
      try await answer.raw(wire.bytes)
      try await answer.cut()
    }
    #expect(fault?.kind == wire.kind, "\(String(describing: fault))")
  }

  @Test func `a certificate that nobody trusts is refused`() async throws {
    #expect(try await fault(tls: true) { _, answer in try await answer.respond(200, "") }?.kind == .insecure)
  }

  @Test func `a server without TLS is insecure to one who wants it`() async throws {
    try await FakeUpstream.serve { _, _ in
    } _: { fake, client in
      let fault = try await NexyProvidersTests.fault {
        _ = try await Self.upstream(client).open(Self.request("https://127.0.0.1:\(fake.port)"))
      }
      #expect(fault?.kind == .insecure, "\(String(describing: fault))")
    }
  }

  @Test func `a port without a server is unreachable`() async throws {
    let silent = SilentPort()
    let url = "http://127.0.0.1:\(silent.port)"
    try await FakeUpstream.serve { _, _ in
    } _: { _, client in
      let fault = try await NexyProvidersTests.fault {
        _ = try await Self.upstream(client).open(Self.request(url))
      }
      #expect(fault?.kind == .unreachable, "\(String(describing: fault))")
    }
    extendLifetime(silent)
  }

  @Test func `a server that says nothing is too slow`() async throws {
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let client = HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: .upstream(connect: .milliseconds(50), connections: 1))
    let url = "https://127.0.0.1:\(silent.localAddress?.port ?? 0)"
    let fault = try await NexyProvidersTests.fault { _ = try await Self.upstream(client).open(Self.request(url)) }
    try await client.shutdown()
    try await silent.close()
    #expect(fault?.kind == .tooSlow, "\(String(describing: fault))")
  }

  @Test func `a key with a line break is a wrong key`() async throws {
    let fault = try await fault(key: "k-secret\n123") { _, answer in try await answer.respond(200, "") }
    #expect(fault?.kind == .keyInvalid)
    #expect(fault?.remedy.contains("k-secret") == false)
  }

  @Test(arguments: ["", "ftp://host", "http://", "no address"]) func `an address that is none is refused`(
    _ url: String
  ) async throws {
    try await FakeUpstream.serve { _, _ in
    } _: { _, client in
      let fault = try await NexyProvidersTests.fault {
        _ = try await Self.upstream(client).open(Self.request(url))
      }
      #expect(fault?.kind == .requestRefused, "\(String(describing: fault))")
    }
  }

  @Test func `a cancelled task asks nothing`() async throws {
    try await FakeUpstream.serve { _, answer in
      try await answer.respond(200, "")
    } _: { fake, client in
      await withTaskGroup(of: Void.self) { group in
        group.cancelAll()
        group.addTask {
          await #expect(throws: CancellationError.self) {
            _ = try await Self.upstream(client).open(Self.request(fake.url))
          }
        }
      }
      #expect(fake.requests.isEmpty)
    }
  }
}
