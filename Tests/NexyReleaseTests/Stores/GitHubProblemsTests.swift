import NIOHTTP1
import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("What keeps a release from GitHub")
struct GitHubProblemsTests {
  private static func findings(
    tags: [String] = ["Update", "App"], _ arrange: @escaping @Sendable (FakeGitHub) -> Void
  ) async throws -> [Finding] {
    try await GitHubStage.run { stage async throws in
      arrange(stage.gitHub)
      return try await stage.store.problems(tags: tags)
    }
  }

  @Test func `is nothing where all is well`() async throws {
    #expect(try await Self.findings { _ in }.isEmpty)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var status: Int
    var rule: String
    var remedy: String
    var testDescription: String { "\(status)" }
  }

  @Test(arguments: [
    Refusal(status: 401, rule: "store-token", remedy: "gh auth login"),
    Refusal(status: 403, rule: "store-right", remedy: "right to write"),
    Refusal(status: 404, rule: "store-repository", remedy: "RELEASE_REPOSITORY"),
    Refusal(status: 301, rule: "store-repository", remedy: "RELEASE_REPOSITORY"),
  ])
  func `is a repository that cannot be seen`(_ refusal: Refusal) async throws {
    let findings = try await Self.findings { $0.arm(.GET, "", .refusing(refusal.status, "no")) }
    #expect(findings.map(\.rule) == [refusal.rule])
    #expect(findings.first?.remedy.contains(refusal.remedy) == true)
  }

  @Test func `is told all together`() async throws {
    let findings = try await Self.findings(tags: ["Update", "App", "Nowhere", "Draft"]) { gitHub in
      gitHub.set {
        $0.isArchived = true
        $0.mayPush = false
        $0.immutability = (200, "{\"enabled\":true,\"enforced_by_owner\":false}")
      }
      gitHub.set("App", FakeGitHub.Release(id: 2, isImmutable: true))
      gitHub.set("Draft", FakeGitHub.Release(id: 3, isDraft: true))
    }
    #expect(
      findings.map { "\($0.rule) \($0.place)" } == [
        "store-archived acme/client", "store-right acme/client", "store-immutable-releases acme/client",
        "store-immutable App", "store-tag Nowhere", "store-draft Draft",
      ])
    #expect(findings.allSatisfy { $0.effect == .rejected && !$0.remedy.isEmpty })
    #expect(findings.first { $0.rule == "store-tag" }?.remedy.contains("gh release create Nowhere") == true)
  }

  @Test(arguments: [(404, "{}"), (403, "{\"message\":\"Must have admin rights\"}"), (200, "{\"enabled\":false}")])
  func `is no setting that is off, or that cannot be known`(_ status: Int, _ body: String) async throws {
    #expect(try await Self.findings { gitHub in gitHub.set { $0.immutability = (status, body) } }.isEmpty)
  }

  @Test func `is no problem but an error when GitHub does not answer`() async throws {
    try await GitHubStage.run(patience: .zero) { stage async throws in
      for _ in 0..<5 { stage.gitHub.arm(.GET, "", .failing()) }
      #expect(try await code { _ = try await stage.store.problems(tags: []) } == .storeUnreachable)
      stage.gitHub.arm(.GET, "", .refusing(429, ""))
      #expect(try await code { _ = try await stage.store.problems(tags: []) } == .storeLimited)
    }
  }

  @Test func `creates nothing`() async throws {
    try await GitHubStage.run { stage async throws in
      _ = try await stage.store.problems(tags: ["Nowhere"])
      #expect(stage.server.requests.allSatisfy { $0.method == .GET })
    }
  }
}
