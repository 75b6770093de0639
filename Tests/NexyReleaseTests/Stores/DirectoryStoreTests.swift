import Foundation
import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("A release store in a folder")
struct DirectoryStoreTests {
  private let folder: TestFolder
  private let local: TestFolder
  private let store: DirectoryStore

  init() throws {
    (folder, local) = (try TestFolder(), try TestFolder())
    store = DirectoryStore(
      folder: folder.path,
      updatesURLs: [
        "Update": "http://localhost:8081/", "UpdateBeta": "http://localhost:8083", "Update-x": "http://localhost:1",
      ])
  }

  @Test func `has a shelf's file where the update server serves it`() async throws {
    try await store.upload([1, 2, 3], as: "Nexy.dmg", to: "UpdateBeta", in: local)
    #expect(folder.names == ["UpdateBeta-Nexy.dmg"])
    #expect(store.address(tag: "UpdateBeta", name: "Nexy.dmg") == "http://localhost:8083/downloads/UpdateBeta-Nexy.dmg")
    #expect(store.address(tag: "Update", name: "Nexy 1.dmg") == "http://localhost:8081/downloads/Update-Nexy%201.dmg")
  }

  @Test func `gives a file to the longest tag that it begins with`() async throws {
    try await store.upload([1], as: "Nexy.dmg", to: "Update-x", in: local)
    #expect(try await store.names(of: "Update") == [])
    #expect(try await store.names(of: "Update-x") == ["Nexy.dmg"])
    #expect(try await code { try await store.upload([1], as: "x-Nexy.dmg", in: local) } == .storeRefused)
  }

  @Test func `makes its folder only when something is uploaded`() async throws {
    let store = DirectoryStore(folder: folder.path("a/b"), updatesURLs: ["Update": "http://localhost:8081"])
    #expect(try await store.problems(tags: ["Update"]).isEmpty)
    #expect(try await store.assets(of: "Update").isEmpty)
    #expect(folder.names == [])
    try await store.upload([1], as: "Nexy.dmg", in: local)
    #expect(folder.names == ["a"])
  }

  @Test func `lists no hidden, unfinished or linked files`() async throws {
    try await local.write("real", [1])
    for name in [".Update-a", "Update-b.part", "Update-", "Other-c"] { try await folder.write(name, [1]) }
    try FileManager.default.createSymbolicLink(atPath: folder.path("Update-d"), withDestinationPath: local.path("real"))
    try FileManager.default.createDirectory(atPath: folder.path("Update-e"), withIntermediateDirectories: false)
    #expect(try await store.names().filter { !$0.isEmpty } == [])
  }

  @Test(arguments: ["link", "folder"]) func `takes nothing else for a file of the shelf`(_ kind: String) async throws {
    try await local.write("real", [1, 2, 3])
    let path = folder.path("Update-Nexy.dmg")
    if kind == "link" {
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: local.path("real"))
    } else {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    #expect(try await code { try await store.upload([1, 2, 3], as: "Nexy.dmg", in: local) } == .storeNameTaken)
    #expect(folder.names == ["Update-Nexy.dmg"])
  }

  @Test func `replaces a link, and not what it leads to`() async throws {
    try await local.write("real", [1, 2, 3])
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("Update-Nexy.dmg"), withDestinationPath: local.path("real"))
    let incoming = try await store.upload([4], as: "incoming", in: local)
    _ = try await store.swap(incoming, into: "Nexy.dmg")
    #expect(local.bytes("real") == [1, 2, 3])
    #expect(folder.bytes("Update-Nexy.dmg") == [4])
  }

  @Test func `follows no link that took a listed file's place`() async throws {
    let asset = try await store.upload([1, 2, 3], as: "Nexy.dmg", in: local)
    try await local.write("real", [1, 2, 3])
    try FileManager.default.removeItem(atPath: folder.path("Update-Nexy.dmg"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("Update-Nexy.dmg"), withDestinationPath: local.path("real"))
    #expect(try await code { _ = try await store.digest(of: asset) { _, _ in } } == .storeFileMissing)
  }

  @Test func `clears away what dead uploads left`() async throws {
    let others = [".Update-Nexy.dmg.x.1.part", "Update-Nexy.dmg.7.1.part", ".7.1.part"]
    let dead = [".Update-Nexy.dmg.7.1.part", ".Update-Nexy.dmg.old.7.1.part", ".Update-Nexy.pkg.7.1.part"]
    for name in others + dead { try await folder.write(name, [1]) }
    try await store.upload([1, 2, 3], as: "Nexy.dmg", in: local)
    #expect(folder.names == (others + ["Update-Nexy.dmg"]).sorted())
  }

  @Test func `leaves alone what a living upload writes`() async throws {
    try await PartFile.fill(folder.path("Update-Nexy.dmg"), isReplacing: false) { _ in
      let before = folder.names
      #expect(before.count == 1)
      try await store.upload([1, 2, 3], as: "Nexy.dmg", in: local)
      #expect(folder.names == (before + ["Update-Nexy.dmg"]).sorted())
    } throws: {
      $0 is PartFile.NameTaken
    }
    #expect(folder.names == ["Update-Nexy.dmg"])
    #expect(folder.bytes("Update-Nexy.dmg") == [1, 2, 3])
  }

  @Test func `is never without the fixed name while files are swapped`() async throws {
    try await store.upload([0], as: "Nexy.dmg", in: local)
    let missing = Notes<Int>()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [folder] in
        while !Task.isCancelled {
          if folder.bytes("Update-Nexy.dmg") == nil { missing.add(1) }
          await Task.yield()
        }
      }
      for round in 1...50 {
        let incoming = try await store.upload([UInt8(round)], as: "incoming", in: local)
        _ = try await store.swap(incoming, into: "Nexy.dmg")
      }
      group.cancelAll()
    }
    #expect(missing.all.isEmpty)
  }

  @Test func `leaves nothing of an upload that is cancelled`() async throws {
    let file = try await local.write("file", noise(3_000_000))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [store] in
        await #expect(throws: CancellationError.self) {
          _ = try await store.upload(file.path, digest: file.digest, as: "Nexy.dmg", to: "Update") { bytes, _ in
            if bytes > 600_000 { withUnsafeCurrentTask { $0?.cancel() } }
          }
        }
      }
    }
    #expect(folder.names == [])
  }

  @Test func `names a folder that is none`() async throws {
    try await local.write("file", [1])
    let store = DirectoryStore(folder: local.path("file"), updatesURLs: ["Update": "http://localhost:8081"])
    #expect(try await store.problems(tags: ["Update"]).map(\.rule) == ["store-folder"])
    #expect(try await code { try await store.upload([1], as: "Nexy.dmg", in: local) } == .storeRefused)
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere")) func `names a folder that it may not write to`()
    async throws
  {
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    #expect(try await store.problems(tags: ["Update", "Nowhere"]).map(\.rule) == ["store-tag", "store-right"])
    #expect(try await code { try await store.upload([1], as: "Nexy.dmg", in: local) } == .fileNotWritten)
  }
}

extension PartFile {
  /// A fill that ends with an error, which is looked at.
  fileprivate static func fill(
    _ path: String, isReplacing: Bool, _ fill: (PartFile) async throws -> Void, throws isExpected: (any Error) -> Bool
  ) async throws {
    do {
      try await self.fill(path, isReplacing: isReplacing, fill)
      Issue.record("nothing was thrown")
    } catch {
      guard isExpected(error) else { throw error }
    }
  }
}
