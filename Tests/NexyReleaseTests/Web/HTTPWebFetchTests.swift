import NIOCore
import NexyCore
import NexyRelease
import NexyTestSupport
import NexyUpdates
import Testing

@Suite("A download is put into a file whole or not at all")
struct HTTPWebFetchTests {
  private static let bytes = noise(300_000)

  private static func run(
    _ answer: LoopbackServer.Answer, _ body: @escaping @Sendable (HTTPWeb, String, TestFolder) async throws -> Void
  ) async throws {
    let folder = try TestFolder()
    try await LoopbackServer.run { _ in
      answer
    } _: { server, client async throws in
      try await body(HTTPWeb(client: client, clock: VirtualClock()), server.url + "/Nexy.dmg", folder)
    }
  }

  @Test(
    "the file has the bytes, and the digest is theirs; a body of exactly the limit is taken", arguments: [true, false])
  func whole(tellsLength: Bool) async throws {
    try await Self.run(LoopbackServer.Answer(body: ByteBuffer(bytes: Self.bytes), isEndless: !tellsLength)) {
      web, url, folder async throws in
      let seen = Notes<Int64>()
      let (answer, digest) = try await web.fetch(url, to: folder.path("x"), limit: 300_000) { bytes, _ in
        seen.add(bytes)
      }
      #expect(answer.status == 200)
      #expect(digest == FileDigest(size: 300_000, sha256: sha256(Self.bytes)))
      #expect(folder.bytes("x") == Self.bytes)
      #expect(folder.names == ["x"])
      #expect(seen.all.last == 300_000)
    }
  }

  @Test("another status leaves no file", arguments: [404, 206, 500])
  func status(code: Int) async throws {
    try await Self.run(LoopbackServer.Answer(status: code, body: ByteBuffer(string: "no"))) {
      web, url, folder async throws in
      let (answer, digest) = try await web.fetch(url, to: folder.path("x"), limit: 300_000) { _, _ in }
      #expect(answer.status == code)
      #expect(digest == nil)
      #expect(folder.names.isEmpty)
    }
  }

  private static let faults = [
    LoopbackServer.Answer(body: ByteBuffer(bytes: bytes)),
    LoopbackServer.Answer(body: ByteBuffer(bytes: bytes), isEndless: true),
    LoopbackServer.Answer(body: ByteBuffer(bytes: bytes.prefix(200_000)), sent: 100_000),
  ]

  @Test("a body above the limit, told or not, and one that is cut short leave no file", arguments: faults.indices)
  func fault(index: Int) async throws {
    try await Self.run(Self.faults[index]) { web, url, folder async throws in
      let code = try await code {
        _ = try await web.fetch(url, to: folder.path("x"), limit: 299_999) { _, _ in }
      }
      #expect(code == .webUnreachable)
      #expect(folder.names.isEmpty)
    }
  }
}
