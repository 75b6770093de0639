import Foundation
import NexyCore
import NexyUpdates
import Synchronization
import Testing

@Suite("Manifests are written whole, in order, and not backwards")
struct ManifestWriterTests {
  private static let pair = ["manifest_2.0.0.5.json", "manifest.json"]

  @Test("the stable channel has a pair of equal files, the switch last")
  func stable() async throws {
    let stage = try ManifestStage()
    let outcome = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    #expect(outcome.files == Self.pair)
    #expect(stage.bytes("manifest.json") == stage.bytes("manifest_2.0.0.5.json"))
    #expect(stage.bytes("manifest.json") == (try ManifestStage.manifest().encoded()))
    #expect(stage.files == ["manifest.json", "manifest_2.0.0.5.json", "manifest_history.jsonl", "manifests.lock"])
  }

  @Test("the beta channel has its own file and touches no other")
  func beta() async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let before = Self.pair.map { stage.bytes($0) }
    let outcome = try await writer(stage).write(try ManifestStage.next("2.0.0.6"), to: .beta)
    #expect(outcome.files == ["manifest_beta.json"])
    #expect(Self.pair.map { stage.bytes($0) } == before)
    #expect(stage.bytes("manifest_2.0.0.6.json") == nil)
  }

  @Test("a change is made to what stands, and read back by anybody")
  func change() async throws {
    let stage = try ManifestStage()
    try stage.write(ManifestStage.text, "manifest.json")
    let change = ManifestChange(version: "2.0.0.6", sha256: String(repeating: "c", count: 64))
    let outcome = try await writer(stage).apply(change, to: .stable)
    #expect(outcome.files == ["manifest_2.0.0.6.json", "manifest.json"])
    #expect(outcome.advice.map(\.rule) == ["ed25519-missing"])
    let read = Manifest.reading(try #require(stage.bytes("manifest.json"))).manifest
    #expect(read == outcome.manifest)
    #expect(read?.members["x_note"] == "kept — ja")
  }

  @Test("every writing is a line of the history")
  func history() async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    try FileHandle.append("{\"half a li", to: stage.path("manifest_history.jsonl"))
    _ = try await writer(stage).write(try ManifestStage.next("2.0.0.6"), to: .stable)
    let events = stage.history
    #expect(events.map { $0["event"] } == ["written", "written"])
    #expect(events.map { $0["build"] } == ["2.0.0.5", "2.0.0.6"])
    #expect(events.map { $0["previous_build"] } == [.null, "2.0.0.5"])
    #expect(events.last?["channel"] == "stable")
    #expect(events.last?["owner"] == "a test")
    #expect(events.last?["sha256"] == .string(String(repeating: "1", count: 64)))
    #expect(events.last?["files"] == ["manifest_2.0.0.6.json", "manifest.json"])
    #expect(events.last?["time"]?.string.flatMap { ISO8601.seconds(of: $0) } != nil)
  }

  private static let steps: [(version: String, rule: String)] = [
    ("2.0.0.4", "step-rollback"), ("2.0.0.5", "step-same-build"), ("999999999", "step-jump"),
  ]

  @Test("rollback, other bytes for a build, and fast-forward are refused and change nothing", arguments: steps)
  func refused(version: String, rule: String) async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let before = stage.files.map { stage.bytes($0) }
    let error = await #expect(throws: NexyError.self) {
      try await writer(stage).write(try ManifestStage.next(version), to: .stable)
    }
    #expect(error?.code == .releaseStepRefused)
    #expect(error?.message.contains(rule) == true)
    #expect(stage.files.map { stage.bytes($0) } == before)
  }

  @Test("an override allows it, and is in the history before the writing", arguments: steps)
  func overridden(version: String, rule: String) async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let outcome = try await writer(stage).write(
      try ManifestStage.next(version), to: .stable, overriding: " the fifth one does not start\n")
    #expect(outcome.overridden.map(\.rule).contains(rule))
    #expect(stage.history.map { $0["event"] } == ["written", "override", "written"])
    #expect(stage.history[1]["reason"] == "the fifth one does not start")
    #expect(stage.history[1]["rules"] == .array(outcome.overridden.map { .string($0.rule) }))
    #expect(stage.history[1]["build"] == .string(version))
  }

  @Test("an override without a need is no override")
  func needless() async throws {
    let stage = try ManifestStage()
    let outcome = try await writer(stage).write(try ManifestStage.manifest(), to: .stable, overriding: "to be sure")
    #expect(outcome.overridden.isEmpty)
    #expect(stage.history.map { $0["event"] } == ["written"])
  }

  @Test("an override without a reason is none", arguments: ["", "  \n", String(repeating: "x", count: 501)])
  func reasonless(reason: String) async throws {
    let stage = try ManifestStage()
    let error = await #expect(throws: NexyError.self) {
      try await writer(stage).write(try ManifestStage.manifest(), to: .stable, overriding: reason)
    }
    #expect(error?.code == .overrideRefused)
    #expect(stage.files.isEmpty)
  }

  @Test("a manifest that breaks a rule is not written, whatever the override")
  func broken() async throws {
    let stage = try ManifestStage()
    var manifest = try ManifestStage.manifest()
    manifest.artifact.url = "https://evil.example/Nexy.dmg"
    let error = await #expect(throws: NexyError.self) {
      try await writer(stage).write(manifest, to: .stable, overriding: "I want it")
    }
    #expect(error?.code == .manifestRefused)
    #expect(error?.message.contains("url-host") == true)
    #expect(stage.bytes("manifest.json") == nil)
  }

  @Test(
    "nobody knows what may follow a manifest that cannot be read; an override mends it",
    arguments: [
      "", "{\"version\": \"2.0.0.9\", \"bui", "[]", String(repeating: " ", count: 70_000),
    ])
  func unreadable(text: String) async throws {
    let stage = try ManifestStage()
    try stage.write(text, "manifest.json")
    let error = await #expect(throws: NexyError.self) {
      try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    }
    #expect(error?.code == .manifestUnreadable)
    #expect(stage.bytes("manifest.json") == Array(text.utf8))
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable, overriding: "torn by the old tool")
    #expect(stage.history.map { $0["event"] } == ["override", "written"])
  }

  @Test(
    "a writer that dies between two steps leaves a whole feed, and the same command mends the rest", arguments: 0..<2)
  func dies(after step: Int) async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let old = stage.bytes("manifest.json")
    let change = ManifestChange(version: "2.0.0.6", sha256: String(repeating: "c", count: 64), signature: "")
    let steps = Count()
    let dying = writer(stage) { bytes, path in
      if steps.next() > step { throw Death() }
      try AtomicFile.write(bytes, to: path)
    }
    await #expect(throws: Death.self) { try await dying.apply(change, to: .stable) }
    #expect(stage.bytes("manifest.json") == old)
    #expect((stage.bytes("manifest_2.0.0.6.json") != nil) == (step == 1))
    _ = try await writer(stage).apply(change, to: .stable)
    #expect(stage.bytes("manifest.json") != old)
    #expect(stage.bytes("manifest.json") == stage.bytes("manifest_2.0.0.6.json"))
    let mended = stage.bytes("manifest.json")
    _ = try await writer(stage).apply(change, to: .stable)
    #expect(stage.bytes("manifest.json") == mended)
  }

  @Test("a writer that was overtaken does not make the switch")
  func overtaken() async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let old = stage.bytes("manifest.json")
    let slow = writer(stage) { bytes, path in
      try AtomicFile.write(bytes, to: path)
      try AtomicFile.write([], to: stage.path("manifests.lock"))
    }
    let error = await #expect(throws: NexyError.self) {
      try await slow.write(try ManifestStage.next("2.0.0.6"), to: .stable)
    }
    #expect(error?.code == .leaseLost)
    #expect(stage.bytes("manifest.json") == old)
  }

  @Test("many writers at once: each change is made, none is lost, and readers see whole manifests")
  func many() async throws {
    let stage = try ManifestStage()
    _ = try await writer(stage).write(try ManifestStage.manifest(), to: .stable)
    let writers = 8
    let done = Count()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<writers {
        group.addTask {
          let change =
            index.isMultiple(of: 2) ? ManifestChange(isCritical: true) : ManifestChange(architecture: "arm64")
          _ = try await writer(stage).apply(change, to: .stable)
          done.next()
        }
      }
      group.addTask {
        while done.value < writers {
          let (manifest, findings) = Manifest.reading(try #require(stage.bytes("manifest.json")))
          #expect(manifest != nil, "\(findings)")
          await Task.yield()
        }
      }
      try await group.waitForAll()
    }
    let read = Manifest.reading(try #require(stage.bytes("manifest.json"))).manifest
    #expect(read?.isCritical == true)
    #expect(read?.artifact.architecture == "arm64")
    #expect(stage.history.count == writers + 1)
  }

  private func writer(
    _ stage: ManifestStage,
    writeFile: @escaping @Sendable ([UInt8], String) throws -> Void = { try AtomicFile.write($0, to: $1) }
  ) -> ManifestWriter {
    ManifestWriter(
      folder: stage.folder, owner: "a test", waitingAtMost: .seconds(60), writeFile: writeFile)
  }

  private struct Death: Error {}

  private final class Count: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock(\.self) }

    @discardableResult
    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }
}

extension FileHandle {
  fileprivate static func append(_ text: String, to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }
}
