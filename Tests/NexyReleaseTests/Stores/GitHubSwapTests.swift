import NIOHTTP1
import NexyCore
import NexyTestSupport
import Testing

@testable import NexyRelease

@Suite("A swap on GitHub")
struct GitHubSwapTests {
  private static let old = noise(100, seed: 1)
  private static let new = noise(100, seed: 2)

  /// A shelf with an old file that has the name, and a new one that is to get it.
  private static func run(
    _ body: @escaping @Sendable (GitHubStage, StoreAsset) async throws -> Void
  ) async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", old)
      stage.gitHub.put("incoming", new)
      let incoming = try #require(try await stage.asset("incoming"))
      try await body(stage, incoming)
    }
  }

  private static func expectDone(_ stage: GitHubStage) {
    #expect(stage.gitHub.names() == ["Nexy.dmg"])
    #expect(stage.gitHub.assets().first?.bytes == new)
  }

  @Test func `is two renames and a removal`() async throws {
    try await Self.run { stage, incoming async throws in
      _ = try await stage.store.swap(incoming, into: "Nexy.dmg")
      Self.expectDone(stage)
      #expect(stage.server.requests.map(\.method).filter { $0 != .GET } == [.PATCH, .PATCH, .DELETE])
    }
  }

  @Test(arguments: ["first rename", "second rename", "removal"], [0, 1])
  func `is done when the answer of a step gets lost, or the step fails once`(_ step: String, _ kind: Int) async throws {
    try await Self.run { stage, incoming async throws in
      if step == "second rename" { stage.gitHub.arm(.PATCH, "", .served) }
      stage.gitHub.arm(step == "removal" ? .DELETE : .PATCH, "", kind == 0 ? .lost : .failing())
      _ = try await stage.store.swap(incoming, into: "Nexy.dmg")
      Self.expectDone(stage)
    }
  }

  @Test func `gives the old file its name back when the new one cannot get it`() async throws {
    try await Self.run { stage, incoming async throws in
      stage.gitHub.arm(.PATCH, "", .served, .refusing(422, "no"))
      let error = try await failure { _ = try await stage.store.swap(incoming, into: "Nexy.dmg") }
      #expect(error?.code == .storeRefused)
      #expect(stage.gitHub.names() == ["Nexy.dmg", "incoming"])
      #expect(stage.gitHub.assets().first { $0.name == "Nexy.dmg" }?.bytes == Self.old)
    }
  }

  @Test func `gives the old file its name back when GitHub fails for good`() async throws {
    try await Self.run { stage, incoming async throws in
      stage.gitHub.arm(.PATCH, "", .served)
      for _ in 0..<5 { stage.gitHub.arm(.PATCH, "", .failing()) }
      #expect(try await code { _ = try await stage.store.swap(incoming, into: "Nexy.dmg") } == .storeUnreachable)
      #expect(stage.gitHub.names() == ["Nexy.dmg", "incoming"])
    }
  }

  @Test func `changes nothing when the old file cannot step aside`() async throws {
    try await Self.run { stage, incoming async throws in
      stage.gitHub.arm(.PATCH, "", .refusing(403, "no"))
      #expect(try await code { _ = try await stage.store.swap(incoming, into: "Nexy.dmg") } == .storeRefused)
      #expect(stage.gitHub.names() == ["Nexy.dmg", "incoming"])
      #expect(stage.gitHub.assets().first { $0.name == "Nexy.dmg" }?.bytes == Self.old)
    }
  }

  @Test func `is finished by who comes again after a kill between the renames`() async throws {
    try await GitHubStage.run { stage async throws in
      let id = stage.gitHub.put("x", Self.old)
      _ = try await stage.store.rename("\(id)", to: "outgoing-\(id)-Nexy.dmg")
      stage.gitHub.put("incoming", Self.new)
      let incoming = try #require(try await stage.asset("incoming"))
      _ = try await stage.store.swap(incoming, into: "Nexy.dmg")
      Self.expectDone(stage)
    }
  }

  @Test func `is finished by who comes again after a kill before the removal`() async throws {
    try await GitHubStage.run { stage async throws in
      let id = stage.gitHub.put("x", Self.old)
      _ = try await stage.store.rename("\(id)", to: "outgoing-\(id)-Nexy.dmg")
      stage.gitHub.put("Nexy.dmg", Self.new)
      let current = try #require(try await stage.asset("Nexy.dmg"))
      _ = try await stage.store.swap(current, into: "Nexy.dmg")
      Self.expectDone(stage)
    }
  }

  @Test func `puts the old file back when the new one vanished after a kill`() async throws {
    try await Self.run { stage, incoming async throws in
      let old = try #require(try await stage.asset("Nexy.dmg"))
      _ = try await stage.store.rename(old.identifier, to: "outgoing-\(old.identifier)-Nexy.dmg")
      try await stage.store.delete(incoming)
      #expect(try await code { _ = try await stage.store.swap(incoming, into: "Nexy.dmg") } == .storeFileMissing)
      #expect(stage.gitHub.names() == ["Nexy.dmg"])
    }
  }

  @Test func `is done when the old file cannot be removed, and the next swap removes it`() async throws {
    try await Self.run { stage, incoming async throws in
      stage.gitHub.arm(.DELETE, "", .refusing(403, "no"))
      let swapped = try await stage.store.swap(incoming, into: "Nexy.dmg")
      #expect(stage.gitHub.names().count == 2)
      _ = try await stage.store.swap(swapped, into: "Nexy.dmg")
      Self.expectDone(stage)
    }
  }

  @Test func `takes a leftover out of the way`() async throws {
    try await GitHubStage.run { stage async throws in
      stage.gitHub.put("Nexy.dmg", [], state: "starter")
      stage.gitHub.put("incoming", Self.new)
      let incoming = try #require(try await stage.asset("incoming"))
      _ = try await stage.store.swap(incoming, into: "Nexy.dmg")
      Self.expectDone(stage)
    }
  }

  @Test func `leaves files alone whose names only look alike`() async throws {
    try await Self.run { stage, incoming async throws in
      for name in ["outgoing-1-Nexy.dmg", "outgoing-x-Nexy.dmg", "outgoing-Nexy.dmg"] { stage.gitHub.put(name, [1]) }
      _ = try await stage.store.swap(incoming, into: "Nexy.dmg")
      #expect(stage.gitHub.names().count == 4)
    }
  }

  @Test func `is not left half done by who cancels it`() async throws {
    try await Self.run { stage, incoming async throws in
      let (come, go) = (Gate(), Gate())
      stage.gitHub.arm(.PATCH, "", .served, .held(come, go))
      try await withThrowingTaskGroup(of: StoreAsset.self) { group in
        group.addTask { try await stage.store.swap(incoming, into: "Nexy.dmg") }
        try await come.wait()
        group.cancelAll()
        go.open()
        #expect(try await group.next()?.name == "Nexy.dmg")
      }
      #expect(stage.gitHub.assets().first { $0.name == "Nexy.dmg" }?.bytes == Self.new)
    }
  }
}
