import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("The web as anybody sees it")
struct HTTPWebTests {
  private static func run(
    _ serve: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer,
    _ body: @escaping @Sendable (HTTPWeb, LoopbackServer) async throws -> Void
  ) async throws {
    try await LoopbackServer.run(serve: serve) { server, client async throws in
      try await body(HTTPWeb(client: client, clock: VirtualClock()), server)
    }
  }

  private static func text(_ text: String, _ headers: [(String, String)] = [], status: Int = 200)
    -> LoopbackServer.Answer
  {
    LoopbackServer.Answer(status: status, headers: headers, body: ByteBuffer(string: text))
  }

  @Test(arguments: [200, 404, 500]) func `gives an answer, whatever its status`(_ status: Int) async throws {
    try await Self.run { _ in
      Self.text("hello", [("X-One", "1"), ("x-one", "2")], status: status)
    } _: { web, server async throws in
      let answer = try await web.get(server.url + "/a", limit: 5)
      #expect(answer.status == status)
      #expect(answer.body == Array("hello".utf8))
      #expect(answer.headers["x-one"] == "2")
      #expect(answer.duration > .zero)
    }
  }

  @Test func `sends no credential, and wants the bytes as they are`() async throws {
    try await Self.run { _ in
      Self.text("")
    } _: { web, server async throws in
      _ = try await web.get(server.url, limit: 0)
      let headers = server.requests.first?.headers ?? [:]
      #expect(headers.contains(name: "authorization") == false)
      #expect(headers["accept-encoding"] == ["identity"])
      #expect(headers["user-agent"] == ["nexy/\(Nexy.version)"])
    }
  }

  @Test(arguments: [true, false]) func `takes no more bytes than it may`(_ tellsLength: Bool) async throws {
    try await Self.run { _ in
      var answer = Self.text("123456")
      answer.isEndless = !tellsLength
      return answer
    } _: { web, server async throws in
      #expect(try await code { _ = try await web.get(server.url, limit: 5) } == .webUnreachable)
      #expect(try await web.get(server.url, limit: 6).body.count == 6)
    }
  }

  @Test(arguments: [301, 302, 303, 307, 308], ["/b", "b", "{url}/b", "{other}/b"])
  func `follows a redirect`(_ status: Int, _ location: String) async throws {
    try await Self.run { request in
      guard request.path == "/a" else { return Self.text(request.path) }
      let host = request.headers.first(name: "host") ?? ""
      let there = location.replacing("{url}", with: "http://\(host)")
        .replacing("{other}", with: "http://\(host.replacing("127.0.0.1", with: "localhost"))")
      return Self.text("", [("location", there)], status: status)
    } _: { web, server async throws in
      #expect(try await web.get(server.url + "/a", limit: 10).body == Array("/b".utf8))
    }
  }

  @Test(arguments: [(10, true), (11, false)]) func `follows ten redirects`(_ count: Int, _ isDone: Bool) async throws {
    try await Self.run { request in
      let number = Int(request.path.dropFirst()) ?? 0
      return number == 0 ? Self.text("end") : Self.text("", [("location", "/\(number - 1)")], status: 302)
    } _: { web, server async throws in
      let failure = try await failure { _ = try await web.get("\(server.url)/\(count)", limit: 10) }
      #expect((failure == nil) == isDone)
    }
  }

  @Test(arguments: ["http://example.com/", "file:///etc/passwd", "http://127.0.0.1@example.com/"])
  func `follows no redirect that leaves https or this machine`(_ location: String) async throws {
    try await Self.run { _ in
      Self.text("", [("location", location)], status: 302)
    } _: { web, server async throws in
      #expect(try await code { _ = try await web.get(server.url, limit: 10) } == .webUnreachable)
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: ["http://example.com/", "ftp://localhost/", "localhost", "", "https://", "https://a b/"])
  func `asks no address without TLS but this machine's`(_ url: String) async throws {
    try await Self.run { _ in
      Self.text("")
    } _: { web, _ async throws in
      #expect(try await code { _ = try await web.get(url, limit: 10) } == .webUnreachable)
    }
  }

  @Test func `tells what a large file is`() async throws {
    let bytes = noise(3_000_000)
    let body = ByteBuffer(bytes: bytes)
    try await Self.run { _ in
      LoopbackServer.Answer(body: body)
    } _: { web, server async throws in
      let told = Notes<Int64>()
      let (answer, digest) = try await web.digest(of: server.url) { bytes, total in
        #expect(total == 3_000_000)
        told.add(bytes)
      }
      #expect(answer.status == 200)
      #expect(answer.body.isEmpty)
      #expect(digest == FileDigest(size: 3_000_000, sha256: sha256(bytes)))
      #expect(told.all.last == 3_000_000)
    }
  }

  @Test func `tells the digest of no answer but 200`() async throws {
    try await Self.run { _ in
      Self.text("gone", status: 404)
    } _: { web, server async throws in
      let (answer, digest) = try await web.digest(of: server.url) { _, _ in }
      #expect(answer.status == 404)
      #expect(digest == nil)
    }
  }

  @Test func `takes no body that is cut short`() async throws {
    try await Self.run { _ in
      var answer = Self.text("123456")
      answer.sent = 3
      return answer
    } _: { web, server async throws in
      #expect(try await code { _ = try await web.digest(of: server.url) { _, _ in } } == .webUnreachable)
      #expect(try await code { _ = try await web.get(server.url, limit: 10) } == .webUnreachable)
    }
  }

  @Test func `waits no longer than it may`() async throws {
    let (clock, come) = (VirtualClock(), Gate())
    try await LoopbackServer.run(course: { _ in .hung(come) }, serve: { _ in Self.text("") }) {
      server, client async throws in
      let web = HTTPWeb(client: client, deadline: .seconds(7), clock: clock)
      async let error = failure { _ = try await web.get(server.url, limit: 10) }
      try await come.wait()
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(7))
      let message = try await error?.message
      #expect(message?.contains("nothing moved for 7 s") == true, "\(message ?? "")")
    }
  }

  @Test func `is refused where no server is, and says the query to nobody`() async throws {
    let url = try await LoopbackServer.run(serve: { _ in Self.text("") }) { server, _ in server.url }
    try await withHTTPWeb { web in
      let error = try await failure { _ = try await web.get(url + "/a?sig=s3cret", limit: 10) }
      #expect(error?.code == .webUnreachable)
      #expect(
        error?.message.contains("\(url)/a could not be read: the connection was refused") == true,
        "\(error?.message ?? "")")
      #expect("\(String(describing: error))".contains("s3cret") == false)
    }
  }
}
