import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("Every release store")
struct ReleaseStoreTests {
  @Test(arguments: StoreKind.allCases) func `lists what was uploaded, on its own shelf alone`(_ kind: StoreKind)
    async throws
  {
    try await kind.run { store, folder async throws in
      let bytes = noise(700_000)
      let asset = try await store.upload(bytes, as: "Nexy.dmg", in: folder)
      #expect(asset.size == 700_000)
      #expect(asset.sha256 == sha256(bytes))
      let listed = try await store.assets(of: "Update")
      #expect(listed.map(\.name) == ["Nexy.dmg"])
      #expect(listed.first?.identifier == asset.identifier)
      #expect(try await store.assets(of: "App").isEmpty)
    }
  }

  @Test(arguments: StoreKind.allCases) func `reads a file back as it was uploaded`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      let file = try await folder.write("file", noise(600_001))
      let asset = try await store.upload(file.path, digest: file.digest, as: "Nexy.dmg", to: "Update") { _, _ in }
      #expect(try await store.digest(of: asset) { _, _ in } == file.digest)
    }
  }

  @Test(arguments: StoreKind.allCases) func `tells of every piece until the last byte`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      let file = try await folder.write("file", noise(2_500_001))
      let (sent, read) = (Notes<Int64>(), Notes<Int64>())
      let asset = try await store.upload(file.path, digest: file.digest, as: "Nexy.dmg", to: "Update") { bytes, total in
        #expect(total == 2_500_001)
        sent.add(bytes)
      }
      _ = try await store.digest(of: asset) { bytes, _ in read.add(bytes) }
      #expect(sent.all.count >= 3)
      for told in [sent.all, read.all] {
        #expect(told == told.sorted())
        #expect(told.last == 2_500_001)
      }
    }
  }

  @Test(arguments: StoreKind.allCases) func `leaves a whole file of the same bytes as it is`(_ kind: StoreKind)
    async throws
  {
    try await kind.run { store, folder async throws in
      let first = try await store.upload(noise(1000), as: "Nexy.dmg", in: folder)
      let second = try await store.upload(noise(1000), as: "Nexy.dmg", in: folder)
      #expect(second == first)
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `keeps other bytes of the name`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      for other in [noise(1000), noise(999)] {
        let asset = try await store.upload(other, as: "Nexy.dmg", in: folder)
        let code = try await code { try await store.upload(noise(1000, seed: 2), as: "Nexy.dmg", in: folder) }
        #expect(code == .storeNameTaken)
        #expect(try await store.standing("Nexy.dmg")?.sha256 == sha256(other))
        try await store.delete(asset)
      }
    }
  }

  @Test(arguments: StoreKind.allCases, [0, 1]) func `puts nothing there when the file is another one`(
    _ kind: StoreKind, _ more: Int
  ) async throws {
    try await kind.run { store, folder async throws in
      let file = try await folder.write("file", noise(600_000))
      try await folder.write("file", noise(600_000 + more, seed: 2))
      let code = try await code {
        _ = try await store.upload(file.path, digest: file.digest, as: "Nexy.dmg", to: "Update") { _, _ in }
      }
      #expect(code == .fileChanged)
      #expect(try await store.names() == [])
    }
  }

  @Test(arguments: StoreKind.allCases) func `swaps a file into a name, and what had it is gone`(_ kind: StoreKind)
    async throws
  {
    try await kind.run { store, folder async throws in
      try await store.upload(noise(1000, seed: 1), as: "Nexy.dmg", in: folder)
      let incoming = try await store.upload(noise(1000, seed: 2), as: "incoming-Nexy.dmg", in: folder)
      let swapped = try await store.swap(incoming, into: "Nexy.dmg")
      #expect(swapped.name == "Nexy.dmg")
      #expect(swapped.sha256 == incoming.sha256)
      #expect(try await store.names() == ["Nexy.dmg"])
      #expect(try await store.standing("Nexy.dmg")?.sha256 == sha256(noise(1000, seed: 2)))
      #expect(try await store.digest(of: swapped) { _, _ in }.sha256 == incoming.sha256)
    }
  }

  @Test(arguments: StoreKind.allCases) func `swaps a file into a name that nothing has`(_ kind: StoreKind) async throws
  {
    try await kind.run { store, folder async throws in
      let incoming = try await store.upload(noise(1000), as: "incoming-Nexy.dmg", in: folder)
      _ = try await store.swap(incoming, into: "Nexy.dmg")
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `swaps once, however often it is told`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      try await store.upload(noise(1000, seed: 1), as: "Nexy.dmg", in: folder)
      let incoming = try await store.upload(noise(1000, seed: 2), as: "incoming-Nexy.dmg", in: folder)
      let first = try await store.swap(incoming, into: "Nexy.dmg")
      let second = try await store.swap(incoming, into: "Nexy.dmg")
      #expect(second == first)
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `swaps once, also where the same bytes come again`(_ kind: StoreKind)
    async throws
  {
    try await kind.run { store, folder async throws in
      let first = try await store.upload(noise(1000), as: "incoming-Nexy.dmg", in: folder)
      _ = try await store.swap(first, into: "Nexy.dmg")
      let again = try await store.upload(noise(1000), as: "incoming-Nexy.dmg", in: folder)
      let swapped = try await store.swap(again, into: "Nexy.dmg")
      #expect(swapped.name == "Nexy.dmg")
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `keeps the old file when the new one is gone`(_ kind: StoreKind)
    async throws
  {
    try await kind.run { store, folder async throws in
      try await store.upload(noise(1000, seed: 1), as: "Nexy.dmg", in: folder)
      let incoming = try await store.upload(noise(1000, seed: 2), as: "incoming-Nexy.dmg", in: folder)
      try await store.delete(incoming)
      #expect(try await code { _ = try await store.swap(incoming, into: "Nexy.dmg") } == .storeFileMissing)
      #expect(try await store.standing("Nexy.dmg")?.sha256 == sha256(noise(1000, seed: 1)))
    }
  }

  @Test(arguments: StoreKind.allCases) func `deletes a file once, and only that file`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      let asset = try await store.upload(noise(1000), as: "Nexy.dmg", in: folder)
      try await store.delete(asset)
      #expect(try await store.names() == [])
      try await store.delete(asset)
      try await store.upload(noise(1000, seed: 2), as: "Nexy.dmg", in: folder)
      try await store.delete(asset)
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `fetches a file in place of another`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      let asset = try await store.upload(noise(600_000), as: "Nexy.dmg", in: folder)
      try await folder.write("fetched", [1, 2, 3])
      let digest = try await store.fetch(asset, to: folder.path("fetched")) { _, _ in }
      #expect(folder.bytes("fetched") == noise(600_000))
      #expect(digest.sha256 == asset.sha256)
      #expect(folder.names == ["fetched", "source"])
    }
  }

  @Test(arguments: StoreKind.allCases) func `fetches nothing of a file that is gone`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      let asset = try await store.upload(noise(1000), as: "Nexy.dmg", in: folder)
      try await folder.write("fetched", [1, 2, 3])
      try await store.delete(asset)
      let fetched = try await code { _ = try await store.fetch(asset, to: folder.path("fetched")) { _, _ in } }
      #expect(fetched == .storeFileMissing)
      #expect(folder.bytes("fetched") == [1, 2, 3])
      #expect(folder.names == ["fetched", "source"])
      #expect(try await code { _ = try await store.digest(of: asset) { _, _ in } } == .storeFileMissing)
    }
  }

  @Test(arguments: StoreKind.allCases) func `has no tags but those that are there`(_ kind: StoreKind) async throws {
    try await kind.run { store, folder async throws in
      #expect(try await code { _ = try await store.assets(of: "Nowhere") } == .tagMissing)
      #expect(try await code { try await store.upload([1], as: "Nexy.dmg", to: "Nowhere", in: folder) } == .tagMissing)
      #expect(try await store.problems(tags: ["Update", "App"]).map(\.rule) == [])
      #expect(
        try await store.problems(tags: ["Update", "Nowhere", "Elsewhere"]).map(\.place) == ["Nowhere", "Elsewhere"])
    }
  }

  @Test(
    arguments: StoreKind.allCases,
    ["", ".hidden", "../up", "a/b", "line\nbreak", "nul\0", String(repeating: "x", count: 256)])
  func `refuses a name that is none`(_ kind: StoreKind, _ name: String) async throws {
    try await kind.run { store, folder async throws in
      #expect(try await code { try await store.upload([1], as: name, in: folder) } == .storeRefused)
      let asset = try await store.upload([1], as: "Nexy.dmg", in: folder)
      #expect(try await code { _ = try await store.swap(asset, into: name) } == .storeRefused)
      #expect(try await store.names() == ["Nexy.dmg"])
    }
  }
}
