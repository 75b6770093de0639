import Foundation
import NexyCore
import Synchronization
import Testing

@testable import NexyUpdates

@Suite("Checksums of downloads", .timeLimit(.minutes(1)))
struct ChecksumLedgerTests {
  /// Runs a ledger beside a test.
  static func run(
    _ folder: TemporaryFolder, capacity: Int = 100, queueLimit: Int = 100,
    now: @escaping @Sendable () -> Int64 = { TemporaryFolder.settled },
    _ test: @escaping @Sendable (ChecksumLedger, DownloadFolder, Events<String>) async throws -> Void
  ) async throws {
    let (files, events) = (DownloadFolder(path: folder.path), Events<String>())
    let ledger = ChecksumLedger(folder: files, capacity: capacity, queueLimit: queueLimit, now: now) {
      events.send($0.name)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await ledger.run() }
      defer { group.cancelAll() }
      try await test(ledger, files, events)
    }
  }

  static func entry(_ name: String, in files: DownloadFolder) throws -> DownloadFolder.Entry {
    try #require(try files.listing().files.first { $0.name == name })
  }

  @Test("The files that are there become known without being asked for", arguments: [0, 1, 262_144, 700_001])
  func begins(_ size: Int) async throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("Nexy.dmg", noise(size))
    try await Self.run(folder) { ledger, files, events in
      #expect(await events.next() == "Nexy.dmg")
      let file = try Self.entry("Nexy.dmg", in: files)
      #expect(ledger.checksum(of: file) == sha256(bytes))
    }
  }

  @Test("A file is hashed once, and again when it was replaced")
  func hashesOnce() async throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("Nexy.dmg", noise(1000))
    try await Self.run(folder) { ledger, files, events in
      #expect(await events.next() == "Nexy.dmg")
      let first = try Self.entry("Nexy.dmg", in: files)
      for _ in 0..<10 { #expect(ledger.checksum(of: first) == sha256(old)) }
      // The same size and time, but another file.
      let new = try folder.write("next", noise(1000, seed: 2))
      #expect(rename(folder.path("next"), folder.path("Nexy.dmg")) == 0)
      let second = try Self.entry("Nexy.dmg", in: files)
      #expect(ledger.checksum(of: second) == nil)
      #expect(ledger.checksum(of: second) == nil)
      #expect(await events.next() == "Nexy.dmg")
      #expect(ledger.checksum(of: second) == sha256(new))
      // Nobody said yet that it is gone.
      #expect(ledger.checksum(of: first) == sha256(old))
      // Another event would have come before this one.
      try folder.write("other", [1])
      _ = ledger.checksum(of: try Self.entry("other", in: files))
      #expect(await events.next() == "other")
    }
  }

  @Test("A file that is not the one asked for is not recorded")
  func ignoresChanged() async throws {
    let folder = try TemporaryFolder()
    try folder.write("first", [1])
    try await Self.run(folder) { ledger, files, events in
      // From here on only what is asked for is hashed.
      #expect(await events.next() == "first")
      try folder.write("Nexy.dmg", noise(10))
      let stale = try Self.entry("Nexy.dmg", in: files)
      try folder.write("Nexy.dmg", noise(11), modified: TemporaryFolder.modified + 1)
      _ = ledger.checksum(of: stale)
      try folder.write("gone", [1])
      let gone = try Self.entry("gone", in: files)
      try FileManager.default.removeItem(atPath: folder.path("gone"))
      _ = ledger.checksum(of: gone)
      try folder.write("other", [1])
      _ = ledger.checksum(of: try Self.entry("other", in: files))
      #expect(await events.next() == "other")
      #expect(ledger.checksum(of: stale) == nil)
      #expect(ledger.checksum(of: gone) == nil)
    }
  }

  @Test("A file that was just written waits until it has settled")
  func waitsForSettling() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy.dmg", noise(10))
    let changed = try Self.entry("Nexy.dmg", in: DownloadFolder(path: folder.path)).stamp.changed
    let now = Atomic<Int64>(changed + 1)
    try await Self.run(folder, now: { now.load(ordering: .relaxed) }) { ledger, files, events in
      let file = try Self.entry("Nexy.dmg", in: files)
      #expect(ledger.checksum(of: file) == nil)
      now.store(changed + 2, ordering: .relaxed)
      #expect(ledger.checksum(of: file) == nil)
      #expect(await events.next() == "Nexy.dmg")
    }
  }

  @Test("A new file with an old one's size and times is another file")
  func tellsFilesApart() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Nexy.dmg", noise(100))
    try await Self.run(folder) { ledger, files, events in
      #expect(await events.next() == "Nexy.dmg")
      // Often with the number of the one that is gone.
      try FileManager.default.removeItem(atPath: folder.path("Nexy.dmg"))
      let new = try folder.write("Nexy.dmg", noise(100, seed: 2))
      let file = try Self.entry("Nexy.dmg", in: files)
      #expect(ledger.checksum(of: file) == nil)
      #expect(await events.next() == "Nexy.dmg")
      #expect(ledger.checksum(of: file) == sha256(new))
    }
  }

  @Test("The queue is bounded, and who was left out is queued when it is asked for again")
  func isBounded() async throws {
    let folder = try TemporaryFolder()
    let names = (0..<7).map { "file\($0)" }
    for name in names { try folder.write(name, Array(name.utf8)) }
    try await Self.run(folder, queueLimit: 2) { ledger, files, events in
      let listing = try files.listing().files
      var known: Set<String> = []
      while known.count < names.count, let name = await events.next() {
        known.insert(name)
        for file in listing { _ = ledger.checksum(of: file) }
      }
      for file in listing { #expect(ledger.checksum(of: file) == sha256(Array(file.name.utf8))) }
    }
  }

  @Test("What is gone is forgotten, which makes room")
  func forgets() async throws {
    let folder = try TemporaryFolder()
    try folder.write("one", [1])
    try await Self.run(folder, capacity: 1) { ledger, files, events in
      #expect(await events.next() == "one")
      let one = try Self.entry("one", in: files)
      try folder.write("two", [2])
      let two = try Self.entry("two", in: files)
      ledger.keep(only: [two])
      #expect(ledger.checksum(of: two) == nil)
      #expect(await events.next() == "two")
      #expect(ledger.checksum(of: one) == nil)
      #expect(ledger.checksum(of: two) == sha256([2]))
    }
  }

  @Test("Stopping does not wait for a large file")
  func stops() async throws {
    let folder = try TemporaryFolder()
    try folder.writeSparse("huge.dmg", size: 1 << 40)
    try await Self.run(folder) { ledger, files, _ in
      let file = try Self.entry("huge.dmg", in: files)
      #expect(ledger.checksum(of: file) == nil)
    }
    await folder.waitUntilClosed()
  }
}
