import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("A release store on GitHub")
struct GitHubStoreTests {
  @Test func `has its files where GitHub gives them to everybody`() async throws {
    try await GitHubStage.run { stage async throws in
      #expect(stage.store.name == "github acme/client")
      #expect(
        stage.store.address(tag: "Update", name: "Nexy.dmg")
          == "https://github.example/acme/client/releases/download/Update/Nexy.dmg")
    }
  }

  @Test(arguments: [true, false], [0, 99, 100, 101, 230]) func `lists every page`(_ tellsLinks: Bool, _ count: Int)
    async throws
  {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.set { $0.tellsLinks = tellsLinks }
      for number in 0..<count { stage.gitHub.put("file-\(number)", [1]) }
      let assets = try await stage.store.assets(of: "Update")
      #expect(Set(assets.map(\.name)).count == count)
      #expect(stage.count(.GET, "/assets?") <= count / 100 + 1)
    }
  }

  @Test func `tells what GitHub tells of a file`() async throws {
    try await GitHubStage.run { stage async throws in
      let id = stage.gitHub.put("Nexy.dmg", [1, 2, 3])
      let asset = StoreAsset(
        tag: "Update", name: "Nexy.dmg", size: 3, sha256: sha256([1, 2, 3]), identifier: "\(id)",
        modified: 1_772_694_489)
      #expect(try await stage.store.assets(of: "Update") == [asset])
      stage.gitHub.set { $0.tellsDigests = false }
      #expect(try await stage.store.assets(of: "Update").first?.sha256 == nil)
    }
  }

  @Test func `reads from where GitHub leads, without the token`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", noise(300_000))
      let asset = try #require(try await stage.asset("Nexy.dmg"))
      #expect(try await stage.store.digest(of: asset) { _, _ in }.sha256 == sha256(noise(300_000)))
      let signed = stage.server.requests.filter { $0.path.hasPrefix("/signed/") }
      #expect(signed.count == 1)
      #expect(signed.allSatisfy { !$0.headers.contains(name: "authorization") })
    }
  }

  @Test func `reads again when a transfer breaks off`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", noise(300_000))
      let asset = try #require(try await stage.asset("Nexy.dmg"))
      let half = LoopbackServer.Answer(body: ByteBuffer(bytes: noise(300_000)), sent: 150_000)
      stage.gitHub.arm(.GET, "/signed/", .answered(half), .failing())
      let digest = try await stage.store.fetch(asset, to: stage.folder.path("fetched")) { _, _ in }
      #expect(digest.sha256 == asset.sha256)
      #expect(stage.folder.bytes("fetched") == noise(300_000))
      #expect(stage.waits.all == ["1 s: the connection was cut", "2 s: GitHub failed (500)"])
    }
  }

  @Test(arguments: ["http://files.example/x", "ftp://127.0.0.1/x", "https://user@files.example/x"])
  func `reads from nowhere else than https`(_ location: String) async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", [1])
      let asset = try #require(try await stage.asset("Nexy.dmg"))
      for _ in 0..<5 {
        stage.gitHub.arm(.GET, "/releases/assets/", .refusing(302, "", [("location", location)]))
      }
      #expect(try await code { _ = try await stage.store.digest(of: asset) { _, _ in } } == .storeUnreachable)
    }
  }

  @Test func `has the bytes that GitHub gives, whatever it told of them`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", [1, 2, 3])
      let asset = try #require(try await stage.asset("Nexy.dmg"))
      stage.gitHub.arm(.GET, "/signed/", .answered(LoopbackServer.Answer(body: ByteBuffer(bytes: [9]))))
      #expect(try await stage.store.digest(of: asset) { _, _ in } == FileDigest(size: 1, sha256: sha256([9])))
    }
  }

  @Test(arguments: [HTTPMethod.GET, .DELETE]) func `asks again what got no answer`(_ method: HTTPMethod) async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", [1])
      let asset = try #require(try await stage.asset("Nexy.dmg"))
      stage.gitHub.arm(method, "", .lost, .failing(502), .cut(after: 0))
      if method == .GET { _ = try await stage.store.assets(of: "Update") } else { try await stage.store.delete(asset) }
      #expect(stage.waits.all.count == 3)
    }
  }

  @Test func `gives up on a server that does not answer`() async throws {
    try await GitHubStage.run { stage async throws in
      for _ in 0..<5 { stage.gitHub.arm(.GET, "", .cut(after: 0)) }
      let error = try await failure { _ = try await stage.store.assets(of: "Update") }
      #expect(error?.code == .storeUnreachable)
      #expect(error?.message.contains("the connection was cut") == true)
      #expect(stage.server.requests.count == 5)
    }
  }

  @Test func `says that an answer is none of GitHub's`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.arm(.GET, "", .answered(LoopbackServer.Answer(body: ByteBuffer(string: "<html>"))))
      let error = try await failure { _ = try await stage.store.assets(of: "Update") }
      #expect(error?.code == .storeRefused)
      #expect(error?.message.contains("RELEASE_GITHUB_API") == true)
    }
  }

  @Test(arguments: ["", "  ", "to ken", "tok\u{1}en", "tökén"]) func `sends no token that is none`(_ token: String)
    async throws
  {
    try await GitHubStage.run(token: token) { stage async throws in
      let error = try await failure { _ = try await stage.store.assets(of: "Update") }
      #expect(error?.code == .storeRefused)
      #expect(error?.message.contains("GITHUB_TOKEN") == true)
      #expect(stage.server.requests.isEmpty)
    }
  }

  @Test func `says its token in no error`() async throws {
    try await GitHubStage.run { stage async throws in
      for course: LoopbackServer.Course in [
        .refusing(401, "Bad \(FakeGitHub.token)"), .refusing(403, FakeGitHub.token), .refusing(418, FakeGitHub.token),
      ] {
        stage.gitHub.arm(.GET, "", course)
        let error = try await failure { _ = try await stage.store.assets(of: "Update") }
        #expect(error != nil)
        #expect("\(String(describing: error)) \(error?.fullDetail ?? "")".contains(FakeGitHub.token) == false)
      }
    }
  }

  @Test(arguments: ["", "acme", "acme/client/x", "acme/..", "/client", "acme/cli ent"])
  func `is made for no repository that is none`(_ repository: String) async throws {
    try await LoopbackServer.run(serve: { _ in FakeGitHub.notFound }) { server, client async throws in
      #expect(throws: NexyError.self) {
        try GitHubStore(
          repository: repository, api: server.url, web: "https://github.example", client: client, token: { "x" },
          patience: GitHubPatience(limit: .zero))
      }
    }
  }

  @Test(arguments: ["http://api.github.example", "ftp://localhost", "api.github.com", "http://127.0.0.1.example"])
  func `is made for no address without TLS but this machine's`(_ address: String) async throws {
    try await LoopbackServer.run(serve: { _ in FakeGitHub.notFound }) { _, client async throws in
      #expect(throws: NexyError.self) {
        try GitHubStore(
          repository: "acme/client", api: address, web: "https://github.example", client: client, token: { "x" },
          patience: GitHubPatience(limit: .zero))
      }
    }
  }
}
