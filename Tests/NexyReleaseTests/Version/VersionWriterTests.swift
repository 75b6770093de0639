import Foundation
import NexyCore
import NexyUpdates
import Synchronization
import Testing

@testable import NexyRelease

@Suite("A version is set in every place or in none")
struct VersionWriterTests {
  private static let all = VersionAxis.allCases
  /// Files that are written from `VersionFolder.files`, one of them made.
  private static let writes = 5

  @Test("every place gets it, and nothing else changes")
  func set() async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let outcome = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: Self.all)
    let expected = VersionFolder.files.mapValues { $0.replacingOccurrences(of: "2.0.0.15", with: "2.0.0.16") }
    let made = ["inbox/VERSION": "2.0.0.16\n", "inbox": "folder", "docs": "folder"]
    #expect(try folder.tree() == expected.merging(made) { $1 })
    let places = ["VERSION", "config.env:2", "docs/guide.md:3", "inbox/VERSION", "app.yaml:1"]
    #expect(outcome.plan.changes.map(\.place) == places)
    #expect(outcome.finished == nil && !FileManager.default.fileExists(atPath: folder.journal))
  }

  @Test("one axis leaves the other alone", arguments: VersionAxis.allCases)
  func axis(axis: VersionAxis) async throws {
    let folder = try VersionFolder(VersionFolder.files)
    _ = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: [axis])
    let tree = try folder.tree()
    #expect(tree["VERSION"] == (axis == .server ? "2.0.0.16\n" : "2.0.0.15\n"))
    #expect(tree["inbox/VERSION"] == (axis == .client ? "2.0.0.16\n" : nil))
  }

  @Test("a manifest keeps its version, and is told to be pending")
  func manifest() async throws {
    let manifest = try VersionFolder.manifest("2.0.0.15")
    let folder = try VersionFolder(VersionFolder.files.merging(["updates/manifest_beta.json": manifest]) { $1 })
    let outcome = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: Self.all)
    #expect(outcome.plan.pending.map(\.place) == ["updates/manifest_beta.json"])
    #expect(try folder.tree()["updates/manifest_beta.json"] == manifest)
  }

  @Test("the same version again writes nothing")
  func again() async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let version = try VersionFolder.version("2.0.0.16")
    _ = try await folder.writer().set(version, axes: Self.all)
    let outcome = try await folder.writer { _, path, _ in throw NexyError(.fileNotWritten, path) }
      .set(version, axes: Self.all)
    #expect(outcome.plan.changes == [])
  }

  @Test("a write that fails puts back what was written", arguments: 0..<writes)
  func failure(index: Int) async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let before = try folder.tree()
    let calls = Mutex(0)
    let writer = try folder.writer { bytes, path, mode in
      let call = calls.withLock { calls in
        calls += 1
        return calls - 1
      }
      if call == index { throw NexyError(.fileNotWritten, "\(path): the disk is full.") }
      try AtomicFile.write(bytes, to: path, mode: mode)
    }
    let version = try VersionFolder.version("2.0.0.16")
    let error = await #expect(throws: NexyError.self) { try await writer.set(version, axes: Self.all) }
    #expect(error?.code == .fileNotWritten)
    #expect(try folder.tree() == before)
    #expect(!FileManager.default.fileExists(atPath: folder.journal))
  }

  @Test("what cannot be put back is finished by the next one", arguments: 1..<writes)
  func brokenDisk(index: Int) async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let calls = Mutex(0)
    let writer = try folder.writer { bytes, path, mode in
      guard
        calls.withLock({
          $0 += 1; return $0 <= index
        })
      else { throw NexyError(.fileNotWritten, path) }
      try AtomicFile.write(bytes, to: path, mode: mode)
    }
    let version = try VersionFolder.version("2.0.0.16")
    await #expect(throws: NexyError.self) { try await writer.set(version, axes: Self.all) }
    #expect(FileManager.default.fileExists(atPath: folder.journal))
    let outcome = try await folder.writer().set(version, axes: Self.all)
    #expect(outcome.finished == VersionWriter.FinishedChange(version: "2.0.0.16", leftAlone: []))
    #expect(VersionCheck(of: try folder.writer().survey(), axes: Self.all, expecting: version).drift == [])
    #expect(!FileManager.default.fileExists(atPath: folder.journal))
  }

  @Test("a writer that was killed after any of its writes is finished by the next one", arguments: 0...writes)
  func killed(index: Int) async throws {
    let folder = try VersionFolder(VersionFolder.files)
    try Self.kill(folder, after: index)
    let next = try VersionFolder.version("2.0.0.17")
    let outcome = try await folder.writer().set(next, axes: [.server])
    #expect(outcome.finished == VersionWriter.FinishedChange(version: "2.0.0.16", leftAlone: []))
    let survey = try folder.writer().survey()
    #expect(VersionCheck(of: survey, axes: [.server], expecting: next).drift == [])
    #expect(VersionCheck(of: survey, axes: [.client], expecting: try VersionFolder.version("2.0.0.16")).drift == [])
    #expect(!FileManager.default.fileExists(atPath: folder.journal))
  }

  @Test("a rehearsal counts what a killed writer would have written, and writes nothing", arguments: 0...writes)
  func rehearsal(index: Int) throws {
    let folder = try VersionFolder(VersionFolder.files)
    try Self.kill(folder, after: index)
    let before = try folder.tree()
    let outcome = try folder.writer().rehearse(VersionFolder.version("2.0.0.17"), axes: Self.all)
    #expect(outcome.finished?.version == "2.0.0.16")
    #expect(Set(outcome.plan.changes.map(\.from)) == ["2.0.0.16"])
    #expect(try folder.tree() == before)
    #expect(FileManager.default.fileExists(atPath: folder.journal))
  }

  @Test("a file that somebody changed meanwhile is left alone, and then set as it is now")
  func foreign() async throws {
    let folder = try VersionFolder(VersionFolder.files)
    try Self.kill(folder, after: 1)
    try folder.write("SERVER_VERSION=2.0.0.15\nNEW=1\n", to: "config.env")
    let outcome = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: Self.all)
    #expect(outcome.finished?.leftAlone.map { $0.hasSuffix("/config.env") } == [true])
    #expect(try folder.tree()["config.env"] == "SERVER_VERSION=2.0.0.16\nNEW=1\n")
  }

  @Test("a journal holds no text of a file")
  func secrets() throws {
    let folder = try VersionFolder(VersionFolder.files)
    try Self.kill(folder, after: 0)
    let journal = try String(contentsOfFile: folder.journal, encoding: .utf8)
    #expect(journal.contains("config.env") && !journal.contains("not-for-others"))
  }

  @Test("modes stay", arguments: [0o600, 0o644, 0o666, 0o755])
  func modes(mode: Int) async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let path = "\(folder.path)/config.env"
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    _ = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: Self.all)
    let after = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(after == mode)
  }

  @Test("what a killed writer left beside the files is cleared away, and nothing else")
  func leftovers() async throws {
    let folder = try VersionFolder(
      VersionFolder.files.merging(["config.env.17.99.tmp": "half", "config.env.mine.tmp": "x", "other.17.99.tmp": "x"])
      { $1 })
    _ = try await folder.writer().set(VersionFolder.version("2.0.0.16"), axes: Self.all)
    let left = try folder.tree().keys.filter { $0.hasSuffix(".tmp") }
    #expect(left.sorted() == ["config.env.mine.tmp", "other.17.99.tmp"])
  }

  @Test("nobody sets a version while somebody else has the lease")
  func lease() async throws {
    let folder = try VersionFolder(VersionFolder.files)
    let version = try VersionFolder.version("2.0.0.16")
    try folder.write("", to: "state/release.lock")
    try await FileLease.withLease(at: "\(folder.path)/state/release.lock", owner: "nexy release publish") { _ in
      let error = await #expect(throws: NexyError.self) { try await folder.writer().set(version, axes: Self.all) }
      #expect(error?.code == .leaseHeld)
      _ = try folder.writer().rehearse(version, axes: Self.all)
    }
    #expect(try folder.tree()["VERSION"] == "2.0.0.15\n")
  }

  /// Leaves what a writer leaves that is killed after some of its writes.
  private static func kill(_ folder: VersionFolder, after count: Int) throws {
    try folder.write("", to: "state/release.lock")
    let survey = try folder.writer().survey()
    let plan = try VersionPlan(of: VersionFolder.version("2.0.0.16"), axes: all, in: survey)
    #expect(plan.files.count == writes)
    try VersionJournal(plan, folder: folder.path).write(to: "\(folder.path)/state")
    for change in plan.files.prefix(count) {
      try folder.write(String(decoding: change.new, as: UTF8.self), to: change.path)
    }
  }
}
