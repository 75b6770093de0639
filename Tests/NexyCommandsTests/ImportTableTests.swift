import Testing

@Suite("A room imports only what the design allows")
struct ImportTableTests {
  /// Section 1 of the design, and NexyNetwork (decision 21); NexyCore, which everything may import, is left out.
  private static let table: [String: Set<String>] = [
    "nexy": ["NexyCommands"],
    "NexyCore": [],
    "NexyNetwork": [],
    "NexyConfig": [],
    "NexyObservability": [],
    "NexyWire": [],
    "NexyVoice": [],
    "NexyRollout": [],
    "NexyUpdates": ["NexyNetwork"],
    "NexyProviders": ["NexyVoice"],
    "NexyServer": ["NexyNetwork", "NexyVoice", "NexyWire", "NexyObservability"],
    "NexyRelease": ["NexyUpdates"],
    "NexyRemote": ["NexyRollout"],
    "NexyChecks": ["NexyNetwork", "NexyWire", "NexyUpdates"],
    "NexyTestSupport": ["NexyVoice", "NexyUpdates", "NexyRelease", "NexyRemote"],
    "NexyCommands": [
      "NexyConfig", "NexyObservability", "NexyWire", "NexyVoice", "NexyProviders", "NexyServer", "NexyUpdates",
      "NexyRelease", "NexyRemote", "NexyRollout", "NexyChecks",
    ],
  ]

  /// What the benchmarks compare with: no rooms, and not in `Sources`.
  private static let peers: [String: Set<String>] = ["nexy-echo-peer": ["NexyWire"]]

  private static let rooms = (try? RepositoryText.folders(in: "Sources")) ?? []
  private static let manifest = PackageManifest((try? RepositoryText.text(of: "Package.swift")) ?? "")

  @Test("the table is read against real rooms")
  func realRooms() {
    #expect(Self.rooms.contains("nexy"))
    #expect(Self.rooms.count > 5)
    #expect(Set(Self.rooms).subtracting(Self.table.keys) == [])
  }

  @Test("every import in a room's sources is in the table", arguments: rooms)
  func sources(room: String) throws {
    let allowed = try #require(Self.table[room])
    let files = try RepositoryText.swiftFiles(in: "Sources/\(room)")
    #expect(!files.isEmpty)
    for file in files {
      let extra = try RepositoryText.rooms(importedBy: file).subtracting(allowed).subtracting(["NexyCore"])
      #expect(extra == [], "\(file)")
    }
  }

  @Test("every dependency of a room in Package.swift is in the table", arguments: rooms)
  func dependencies(room: String) throws {
    let target = try #require(Self.manifest.targets.first { $0.name == room })
    let allowed = try #require(Self.table[room])
    #expect(target.rooms.subtracting(allowed).subtracting(["NexyCore"]) == [])
  }

  @Test("a room depends on no room that it does not import", arguments: rooms)
  func unused(room: String) throws {
    let target = try #require(Self.manifest.targets.first { $0.name == room })
    let files = try RepositoryText.swiftFiles(in: "Sources/\(room)")
    let imported = try files.reduce(into: Set<String>()) { $0.formUnion(try RepositoryText.rooms(importedBy: $1)) }
    #expect(target.rooms.subtracting(imported) == [])
  }

  @Test("a target of Package.swift is a room, its tests or a peer of the benchmarks")
  func targets() {
    let names = Set(Self.manifest.targets.map(\.name))
    #expect(Set(Self.rooms).subtracting(names) == [])
    for target in Self.manifest.targets {
      if target.isTest {
        #expect(target.name.hasSuffix("Tests"))
      } else if let allowed = Self.peers[target.name] {
        #expect(target.rooms == allowed)
      } else {
        #expect(Self.rooms.contains(target.name))
      }
    }
  }

  @Test("only tests use TestSupport")
  func testSupport() throws {
    for target in Self.manifest.targets where !target.isTest { #expect(!target.rooms.contains("NexyTestSupport")) }
    for file in try RepositoryText.swiftFiles(in: "Sources") where !file.hasPrefix("Sources/NexyTestSupport/") {
      #expect(try !RepositoryText.rooms(importedBy: file).contains("NexyTestSupport"), "\(file)")
    }
  }

  @Test("nexy holds @main and nothing else")
  func main() throws {
    let files = try RepositoryText.swiftFiles(in: "Sources/nexy")
    #expect(files.count == 1)
    let text = try RepositoryText.text(of: try #require(files.first))
    #expect(text.contains("@main"))
    #expect(text.matches(of: #/(?m)^\s*import\s+(\w+)/#).map { String($0.1) } == ["NexyCommands"])
    #expect(text.matches(of: #/\b(?:struct|class|enum|actor|extension|protocol)\s+\w+/#).count == 1)
    #expect(text.matches(of: #/\bfunc\s+\w+/#).count == 1)
    #expect(text.split(separator: "\n").count <= 8)
  }
}
