import NIOCore
import NIOHTTP1
import NexyCore
import NexyTestSupport
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("An upload to GitHub")
struct GitHubUploadTests {
  private static let bytes = noise(600_000)

  @Test func `is one request with a length, and nothing is asked twice`() async throws {
    try await GitHubStage.run { stage async throws in
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.count(.POST) == 1)
      let headers = stage.server.requests.first { $0.method == .POST }?.headers ?? [:]
      #expect(headers["content-length"] == ["600000"])
      #expect(headers["content-type"] == ["application/octet-stream"])
      #expect(headers["x-github-api-version"] == ["2022-11-28"])
      #expect(headers["user-agent"] == ["nexy/\(Nexy.version)"])
      #expect(stage.gitHub.assets().map(\.bytes) == [Self.bytes])
    }
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var courses: [LoopbackServer.Course]
    /// Waits that the operator is told of.
    var waits: [String]
  }

  static let faults: [Fault] = [
    Fault(
      testDescription: "answered 500, 502 and 503", courses: [.failing(500), .failing(502), .failing(503)],
      waits: ["1 s: GitHub failed (500)", "2 s: GitHub failed (502)", "4 s: GitHub failed (503)"]),
    Fault(
      testDescription: "503 with a time", courses: [.refusing(503, "", [("retry-after", "30")])],
      waits: ["30 s: GitHub failed (503)"]),
    Fault(testDescription: "cut at once", courses: [.cut(after: 0)], waits: ["1 s: the connection was cut"]),
    Fault(testDescription: "cut midway", courses: [.cut(after: 300_000)], waits: ["1 s: the connection was cut"]),
    Fault(
      testDescription: "four faults", courses: [.failing(), .cut(after: 9), .failing(), .failing()],
      waits: [
        "1 s: GitHub failed (500)", "2 s: the connection was cut", "4 s: GitHub failed (500)",
        "8 s: GitHub failed (500)",
      ]),
    Fault(
      testDescription: "secondary limit with a time", courses: [.refusing(403, "slow", [("retry-after", "7")])],
      waits: ["7 s: GitHub's secondary rate limit"]),
    Fault(
      testDescription: "secondary limit without a time",
      courses: [.refusing(403, "You have exceeded a secondary rate limit"), .refusing(429, "")],
      waits: ["60 s: GitHub's secondary rate limit", "120 s: GitHub's secondary rate limit"]),
    Fault(
      testDescription: "primary limit",
      courses: [
        .refusing(403, "limit", [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "\(GitHubStage.now + 40)")])
      ], waits: ["41 s: GitHub's primary rate limit"]),
  ]

  @Test(arguments: faults) func `goes on after a fault`(_ fault: Fault) async throws {
    try await GitHubStage.run { stage async throws in
      for course in fault.courses { stage.gitHub.arm(.POST, "", course) }
      let asset = try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(asset.sha256 == sha256(Self.bytes))
      #expect(stage.gitHub.assets().map(\.bytes) == [Self.bytes])
      #expect(stage.waits.all == fault.waits)
    }
  }

  @Test func `gives up after four more tries`() async throws {
    try await GitHubStage.run { stage async throws in
      for _ in 0..<9 { stage.gitHub.arm(.POST, "", .failing()) }
      #expect(try await code { try await stage.upload(Self.bytes, as: "Nexy.dmg") } == .storeUnreachable)
      #expect(stage.count(.POST) == 5)
    }
  }

  @Test func `is not repeated when only its answer got lost`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.arm(.POST, "", .lost)
      let asset = try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.count(.POST) == 1)
      #expect(stage.gitHub.assets().map { String($0.id) } == [asset.identifier])
    }
  }

  @Test func `is not repeated by who comes again after a kill`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", Self.bytes)
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.count(.POST) == 0)
    }
  }

  @Test func `replaces what a failed one left`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", [], state: "starter")
      #expect(try await stage.store.assets(of: "Update").isEmpty)
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.gitHub.assets().map(\.bytes) == [Self.bytes])
    }
  }

  @Test func `replaces what comes out shorter than it was sent`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.set { $0.lostBytes = 5 }
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.gitHub.assets().map(\.bytes) == [Self.bytes])
      #expect(stage.waits.all == ["1 s: GitHub stored other bytes than it was sent"])
    }
  }

  @Test func `replaces what came out shorter, when the answer got lost too`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.set { $0.lostBytes = 5 }
      stage.gitHub.arm(.POST, "", .lost)
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.gitHub.assets().map(\.bytes) == [Self.bytes])
    }
  }

  @Test func `reads the file back where GitHub tells no digest`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.set { $0.tellsDigests = false }
      let asset = try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(asset.sha256 == nil)
      #expect(stage.count(.GET, "/signed/") == 1)
      #expect(try await code { try await stage.upload(noise(600_000, seed: 2), as: "Nexy.dmg") } == .storeNameTaken)
    }
  }

  @Test func `looks at what has its name`() async throws {
    try await GitHubStage.run { stage async throws in
      // Somebody else's file comes between the look and the upload.
      stage.gitHub.arm(.GET, "/assets?", .answered(FakeGitHub.json(200, [Int]())))
      stage.gitHub.put("Nexy.dmg", Self.bytes)
      try await stage.upload(Self.bytes, as: "Nexy.dmg")
      #expect(stage.count(.POST) == 1)
      #expect(stage.gitHub.assets().count == 1)
    }
  }

  @Test func `waits no longer than there is patience for, and tells when to come again`() async throws {
    try await GitHubStage.run(patience: .seconds(100)) { stage async throws in
      let limit = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "\(GitHubStage.now + 59)")]
      stage.gitHub.arm(.POST, "", .refusing(403, "", limit), .refusing(403, "", limit))
      let error = try await failure { try await stage.upload(Self.bytes, as: "Nexy.dmg") }
      #expect(error?.code == .storeLimited)
      #expect(error?.message.contains("until 2026-02-02T02:41:00Z (UTC)") == true, "\(error?.message ?? "")")
      #expect(stage.waits.all == ["60 s: GitHub's primary rate limit"])
    }
  }

  @Test func `is ended when nothing moves any more`() async throws {
    try await GitHubStage.run { stage async throws in
      let come = Gate()
      stage.gitHub.arm(.POST, "", .hung(come))
      async let upload = stage.upload(Self.bytes, as: "Nexy.dmg")
      try await come.wait()
      await stage.silence.waitForSleepers(1)
      stage.silence.advance(by: .seconds(60))
      let asset = try await upload
      #expect(asset.size == 600_000)
      #expect(stage.waits.all == ["1 s: nothing moved for 60 s"])
      #expect(stage.count(.POST) == 2)
    }
  }

  @Test func `is ended by who cancels it`() async throws {
    try await GitHubStage.run { stage async throws in
      let come = Gate()
      stage.gitHub.arm(.POST, "", .hung(come))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          await #expect(throws: CancellationError.self) { try await stage.upload(Self.bytes, as: "Nexy.dmg") }
        }
        try await come.wait()
        group.cancelAll()
      }
      #expect(stage.gitHub.assets().isEmpty)
      #expect(stage.count(.POST) == 1)
    }
  }

  @Test func `leaves nothing of a file that changes meanwhile`() async throws {
    try await GitHubStage.run { stage async throws in
      let file = try await stage.folder.write("file", Self.bytes)
      try await stage.folder.write("file", noise(600_000, seed: 2))
      let code = try await code {
        _ = try await stage.store.upload(file.path, digest: file.digest, as: "Nexy.dmg", to: "Update") { _, _ in }
      }
      #expect(code == .fileChanged)
      #expect(stage.count(.POST) == 1)
      #expect(stage.gitHub.assets().isEmpty)
    }
  }

  @Test(arguments: ["Nexy (1).dmg", "Néxy.dmg", "Nexy.dmg.", "Nexy+1.dmg", "Nexy\".dmg"])
  func `is refused before it is sent when GitHub would change the name`(_ name: String) async throws {
    try await GitHubStage.run { stage async throws in
      #expect(try await code { try await stage.upload([1], as: name) } == .storeRefused)
      #expect(stage.server.requests.isEmpty)
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var status: Int
    var remedy: String
    var testDescription: String { "\(status)" }
  }

  @Test(arguments: [
    Refusal(status: 401, remedy: "GITHUB_TOKEN"), Refusal(status: 403, remedy: "right to write"),
    Refusal(status: 404, remedy: "RELEASE_REPOSITORY"), Refusal(status: 422, remedy: "GitHub says"),
    Refusal(status: 307, remedy: "RELEASE_REPOSITORY"),
  ])
  func `is not tried again when it is refused, and the remedy is named`(_ refusal: Refusal) async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.arm(.POST, "", .refusing(refusal.status, "It says no"))
      let error = try await failure { try await stage.upload(Self.bytes, as: "Nexy.dmg") }
      #expect(error?.code == .storeRefused)
      #expect(error?.message.contains(refusal.remedy) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("It says no") == true)
      #expect(stage.count(.POST) == 1)
    }
  }

  @Test func `never gives the token to an upload address without TLS`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.set { $0.uploads = "http://uploads.github.example" }
      #expect(try await code { try await stage.upload([1], as: "Nexy.dmg") } == .storeRefused)
    }
  }
}
