import Foundation
import NexyCore
import Testing

@Suite("A file is written whole or not at all")
struct AtomicFileTests {
  @Test("a new file holds what was written", arguments: [0, 1, 4096, 1 << 20])
  func writes(count: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      try AtomicFile.write(bytes, to: "\(folder)/file")
      #expect(FileManager.default.contents(atPath: "\(folder)/file").map { [UInt8]($0) } == bytes)
    }
  }

  @Test("an old file is replaced, whichever of the two is longer", arguments: ["new", "a text that is much longer"])
  func replaces(text: String) throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write(Array("some old text".utf8), to: "\(folder)/file")
      try AtomicFile.write(Array(text.utf8), to: "\(folder)/file")
      #expect(try String(contentsOfFile: "\(folder)/file", encoding: .utf8) == text)
    }
  }

  @Test("nothing but the file is left in its folder")
  func leavesNothing() throws {
    try withTemporaryFolder { folder in
      for round in 0..<3 { try AtomicFile.write([UInt8(round)], to: "\(folder)/file") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test("a file has the mode that was asked for")
  func mode() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write([1], to: "\(folder)/private", mode: 0o600)
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/private")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("a missing folder is an error that names the path and the reason")
  func missingFolder() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/missing/file"
      let error = #expect(throws: NexyError.self) { try AtomicFile.write([1], to: path) }
      #expect(error?.code == .fileNotWritten)
      #expect(error?.message.contains(path) == true)
      #expect(error?.message.contains("No such file or directory") == true)
    }
  }

  @Test("a write that fails leaves what was there, and no temporary file")
  func failureLeavesAll() throws {
    try withTemporaryFolder { folder in
      let taken = "\(folder)/taken"
      try FileManager.default.createDirectory(atPath: "\(taken)/inner", withIntermediateDirectories: true)
      let error = #expect(throws: NexyError.self) { try AtomicFile.write([1], to: taken) }
      #expect(error?.code == .fileNotWritten)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: taken) == ["inner"])
    }
  }

  @Test("who reads while others write reads one whole text")
  func readersSeeWholeTexts() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/file"
      let texts = (0..<4).map { [UInt8](repeating: UInt8($0), count: 64 << 10) }
      try AtomicFile.write(texts[0], to: path)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for text in texts {
          group.addTask { for _ in 0..<10 { try AtomicFile.write(text, to: path) } }
        }
        for _ in 0..<100 {
          let read = try #require(FileManager.default.contents(atPath: path)).map(\.self)
          #expect(texts.contains(read))
        }
        try await group.waitForAll()
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  private func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = try Self.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try Self.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private static func makeFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nexy-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}
