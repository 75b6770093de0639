import Foundation
import NexyCore
import Synchronization
import Testing

@testable import NexyObservability

@Suite("A log file keeps every line, and its size")
final class LogFileTests: Sendable {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-log-\(UUID().uuidString)")
  private let failures = Mutex([NexyError]())
  private let recoveries = Mutex(0)

  deinit { try? FileManager.default.removeItem(at: folder) }

  private var path: String { folder.appending(path: "server.log").path }

  private func open(maximumBytes: Int = 0, backups: Int = 0, at path: String? = nil) throws -> LogFile {
    try LogFile(
      path: path ?? self.path, maximumBytes: maximumBytes, backups: backups,
      onRecovery: { [weak self] in self?.recoveries.withLock { $0 += 1 } }
    ) { [weak self] failure in
      self?.failures.withLock { $0.append(failure) }
    }
  }

  private func text(_ suffix: String = "") -> String? {
    FileManager.default.contents(atPath: path + suffix).map { String(decoding: $0, as: UTF8.self) }
  }

  private var messages: [String] { failures.withLock { $0.map(\.message) } }

  @Test("lines are appended, to what an earlier run wrote as well")
  func append() throws {
    try open().write("one")
    let second = try open()
    second.write("two")
    second.write("")
    #expect(text() == "one\ntwo\n\n")
  }

  @Test("the folder is made, and only its owner and group read the file")
  func mode() throws {
    let deep = folder.appending(path: "a/b/server.log").path
    try open(at: deep).write("x")
    let mode = try FileManager.default.attributesOfItem(atPath: deep)[.posixPermissions] as? Int
    #expect(mode.map { $0 & ~0o640 } == 0)
    #expect(mode.map { $0 & 0o600 } == 0o600)
  }

  private static let rotations: [(maximumBytes: Int, backups: Int, files: [String?])] = [
    (0, 2, ["1234\n5678\n90ab\ncdef\nghij\n", nil, nil]),
    (100, 2, ["1234\n5678\n90ab\ncdef\nghij\n", nil, nil]),
    (25, 2, ["1234\n5678\n90ab\ncdef\nghij\n", nil, nil]),
    (24, 2, ["ghij\n", "1234\n5678\n90ab\ncdef\n", nil]),
    (10, 2, ["ghij\n", "90ab\ncdef\n", "1234\n5678\n"]),
    (10, 1, ["ghij\n", "90ab\ncdef\n", nil]),
    (10, 0, ["ghij\n", nil, nil]),
    (9, 2, ["ghij\n", "cdef\n", "90ab\n"]),
    (1, 2, ["ghij\n", "cdef\n", "90ab\n"]),
  ]

  @Test("a file that would pass its size is renamed, and the oldest removed", arguments: rotations)
  func rotation(maximumBytes: Int, backups: Int, files: [String?]) throws {
    let file = try open(maximumBytes: maximumBytes, backups: backups)
    for line in ["1234", "5678", "90ab", "cdef", "ghij"] { file.write(line) }
    #expect(["", ".1", ".2"].map { text($0) } == files)
    #expect(text(".3") == nil)
    #expect(messages == [])
  }

  @Test("what stands in the file at the start counts")
  func startSize() throws {
    try open().write("12345678")
    try open(maximumBytes: 10, backups: 1).write("x")
    #expect([text(), text(".1")] == ["x\n", "12345678\n"])
  }

  @Test("four writers at once lose no line and split none, over many rotations")
  func concurrentWriters() async throws {
    let file = try open(maximumBytes: 4096, backups: 200)
    await withTaskGroup { group in
      for writer in 0..<4 {
        group.addTask {
          for number in 0..<2000 {
            file.write("\(writer) \(number) \(String(repeating: "x", count: number % 60)).")
          }
        }
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count > 50)
    var lines: [[Int]] = []
    // The oldest first, so that each writer's lines come in its order.
    for number in (0..<names.count).reversed() {
      let content = try #require(text(number == 0 ? "" : ".\(number)"))
      #expect(content.utf8.count <= 4096)
      for line in content.split(separator: "\n") {
        #expect(line.hasSuffix("."))
        lines.append(line.split(separator: " ").prefix(2).compactMap { Int($0) })
      }
    }
    for writer in 0..<4 { #expect(lines.filter { $0.first == writer }.map(\.last) == Array(0..<2000)) }
  }

  @Test("after a rename, reopening begins a new file")
  func reopen() throws {
    let file = try open()
    file.write("old")
    try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
    file.reopen()
    #expect(text() == "")
    file.write("new")
    #expect([text(".moved"), text()] == ["old\n", "new\n"])
  }

  @Test("a file that is moved or deleted is begun anew without being told")
  func movedAway() throws {
    let file = try open()
    file.write("one")
    try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
    file.write("two")
    #expect([text(".moved"), text()] == ["one\n", "two\n"])
    try FileManager.default.removeItem(at: folder)
    file.write("three")
    #expect(text() == "three\n")
    #expect(messages == [])
  }

  @Test("a file that another emptied is filled from its beginning")
  func emptied() throws {
    let file = try open(maximumBytes: 10, backups: 1)
    file.write("12345678")
    try Data().write(to: URL(fileURLWithPath: path), options: [])
    file.write("1234")
    #expect([text(), text(".1")] == ["1234\n", nil])
  }

  @Test("a path that cannot be written is refused at the start, with a remedy")
  func refused() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let error = #expect(throws: NexyError.self) { try self.open() }
    #expect(error?.code == .logFileNotWritten)
    #expect(error?.message.contains(path) == true)
    #expect(error?.message.contains("choose one") == true)
  }

  @Test("a failure is told once, and again only after a success; lines go on into the old file")
  func failure() throws {
    let file = try open(maximumBytes: 10, backups: 1)
    file.write("1234567")
    // A folder in the rotated file's place cannot be replaced by a file.
    try FileManager.default.createDirectory(atPath: path + ".1/full", withIntermediateDirectories: true)
    file.write("two")
    file.write("three")
    #expect(messages.count == 1)
    #expect(messages.first?.contains("could not be renamed") == true)
    #expect(text() == "1234567\ntwo\nthree\n")
    #expect(recoveries.withLock { $0 } == 0)
    try FileManager.default.removeItem(atPath: path + ".1")
    file.write("four")
    #expect(recoveries.withLock { $0 } == 1)
    #expect([text(".1"), text()] == ["1234567\ntwo\nthree\n", "four\n"])
    try FileManager.default.removeItem(atPath: path + ".1")
    try FileManager.default.createDirectory(atPath: path + ".1/full", withIntermediateDirectories: true)
    file.write("123456")
    file.write("x")
    #expect(messages.count == 2)
  }

  @Test("a full disk is told once and never thrown", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let file = try open(at: "/dev/full")
    for _ in 0..<3 { file.write("x") }
    #expect(messages.count == 1)
    #expect(messages.first?.contains("could not be written") == true)
  }
}
