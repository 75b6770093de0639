import Foundation
import NexyCore
import NexyUpdates
import Testing

@Suite("A file's digest is read in pieces")
struct FileDigestTests {
  private static let known: [(text: String, count: Int, sha256: String)] = [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test("the vectors of FIPS 180 come out", arguments: known)
  func vectors(text: String, count: Int, sha256: String) async throws {
    let stage = try ManifestStage()
    try stage.write(String(repeating: text, count: count), "file")
    let digest = try await FileDigest.of(stage.path("file"))
    #expect(digest.size == Int64(text.utf8.count * count))
    #expect(digest.sha256 == sha256)
  }

  @Test(
    "an open file is read from its beginning, and its own place stays",
    arguments: [0, 1, 262_143, 262_144, 262_145, 600_000])
  func descriptor(size: Int) async throws {
    let stage = try ManifestStage()
    try AtomicFile.write((0..<size).map { UInt8(truncatingIfNeeded: $0) }, to: stage.path("file"))
    let descriptor = open(stage.path("file"), O_RDONLY)
    defer { close(descriptor) }
    let place = lseek(descriptor, off_t(size / 2), SEEK_SET)
    let digest = try await FileDigest.of(descriptor: descriptor)
    #expect(digest == (try await FileDigest.of(stage.path("file"))))
    #expect(digest.size == Int64(size))
    #expect(lseek(descriptor, 0, SEEK_CUR) == place)
  }

  @Test("a file beyond the limit is an error, without reading on")
  func tooLarge() async throws {
    let stage = try ManifestStage()
    try AtomicFile.write([1], to: stage.path("huge"))
    #expect(truncate(stage.path("huge"), 1 << 40) == 0)
    let error = await #expect(throws: NexyError.self) {
      try await FileDigest.of(stage.path("huge"), largest: 1 << 20)
    }
    #expect(error?.code == .fileTooLarge)
    try AtomicFile.write([1, 2, 3], to: stage.path("small"))
    #expect(try await FileDigest.of(stage.path("small"), largest: 3).size == 3)
    await #expect(throws: NexyError.self) { try await FileDigest.of(stage.path("small"), largest: 2) }
  }

  @Test("a cancelled task stops reading")
  func cancelled() async throws {
    let stage = try ManifestStage()
    try AtomicFile.write([1], to: stage.path("huge"))
    #expect(truncate(stage.path("huge"), 1 << 33) == 0)
    let reading = Task { try await FileDigest.of(stage.path("huge")) }
    reading.cancel()
    await #expect(throws: CancellationError.self) { try await reading.value }
  }

  @Test("a pipe, a folder and a missing file are errors, and none of them waits", arguments: ["pipe", "", "missing"])
  func noFile(name: String) async throws {
    let stage = try ManifestStage()
    #expect(mkfifo(stage.path("pipe"), 0o600) == 0)
    let error = await #expect(throws: NexyError.self) { try await FileDigest.of(stage.path(name)) }
    #expect(error?.code == .fileNotRead)
  }
}
