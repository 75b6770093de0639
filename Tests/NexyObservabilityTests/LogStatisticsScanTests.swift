import Foundation
import NexyCore
import Synchronization
import Testing

@testable import NexyObservability

@Suite("A file's statistics do not depend on how it is read")
final class LogStatisticsScanTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "nexy-scan-\(UUID().uuidString)")
  private static let smallBlock = LogRecordReader.longest + 64

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ bytes: some Sequence<UInt8>, to name: String = "server.log") throws -> String {
    let file = folder.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path
  }

  private func whole(_ bytes: [UInt8], path: String) -> LogSummary {
    var statistics = LogStatistics()
    bytes.withUnsafeBytes { statistics.add(block: $0) }
    statistics.name(file: path)
    return statistics.summary()
  }

  private func scan(_ paths: String..., parts: Int = 2, blockBytes: Int = 4 << 20) async throws -> LogSummary {
    try await LogScan(paths: paths, counting: LogStatistics(), parts: parts, blockBytes: blockBytes)
      .run { _ in }.summary()
  }

  /// Lines of both formats and every kind, with empty and broken ones between.
  private static func lines(_ count: Int) -> [UInt8] {
    var text = ""
    for number in 0..<count {
      let time = "2026-01-02T\(10 + number / 3600 % 10):\(10 + number / 60 % 50):\(10 + number % 50)Z"
      let word = ["start", "complete", "error", "abort", "reject", "stream_acquired", "retry"][number * 31 % 7]
      let context = #"{"active_streams": \#(number * 17 % 23), "error_code": "E\#(number % 5)"}"#
      let duration = number * 7919 % 1009
      switch number % 11 {
      case 3: text += "\n"
      case 7: text += "broken \(number)\r\n"
      case 2, 5:
        text += #"{"ts": "\#(time)", "level": "INFO", "scope": "grpc", "method": "M\#(number % 4)", "#
        text += #""decision": "\#(word)", "ctx": \#(context), "dur_ms": \#(duration), "msg": "a"}"# + "\n"
      default:
        text += "ts=\(time) level=INFO scope=grpc method=M\(number % 6) decision=\(word) ctx=\(context) "
        text += "dur_ms=\(duration) msg=a\n"
      }
    }
    return Array(text.utf8)
  }

  @Test("any number of parts gives the same figures", arguments: [1, 2, 3, 7, 64, 1000])
  func parts(parts: Int) async throws {
    let bytes = Self.lines(500)
    let path = try write(bytes)
    #expect(try await scan(path, parts: parts) == whole(bytes, path: path))
  }

  @Test("a border may stand at any byte of a line", arguments: ["", "\n", "last without newline", "\r\n\r\n"])
  func anyBorder(end: String) async throws {
    let bytes = Self.lines(4) + Array(end.utf8)
    let path = try write(bytes)
    let expected = whole(bytes, path: path)
    #expect(try await scan(path, parts: bytes.count) == expected)
    let handle = try #require(FileHandle(forReadingAtPath: path))
    for border in 0...bytes.count {
      var statistics = LogStatistics()
      for range in [0..<border, border..<Int.max] {
        let part = LogFilePart(descriptor: handle.fileDescriptor, isStream: false, range: range, name: path)
        var rest = LogStatistics()
        try part.read(
          Self.smallBlock, onRead: { _ in }, block: { rest.add(block: $0) }, overlong: { rest.add(line: $0) })
        statistics.append(rest)
      }
      statistics.name(file: path)
      #expect(statistics.summary() == expected)
    }
  }

  @Test("a file of many blocks gives the same figures", arguments: [1, 3])
  func blocks(parts: Int) async throws {
    let bytes = Self.lines(30_000)
    try #require(bytes.count > 3 * Self.smallBlock)
    let path = try write(bytes)
    #expect(try await scan(path, parts: parts, blockBytes: Self.smallBlock) == whole(bytes, path: path))
  }

  @Test("a line of ten megabytes is one unreadable line, wherever it is cut", arguments: [1, 2, 5, 40])
  func longLine(parts: Int) async throws {
    let long = Array("ts=2026-01-02T03:04:05Z ".utf8) + [UInt8](repeating: 0x78, count: 10_000_000)
    for bytes in [
      Self.lines(20) + long + [0x0A] + Self.lines(20), Self.lines(20) + long, long + [0x0A] + long, long + [0x0A],
    ] {
      let path = try write(bytes)
      let summary = try await scan(path, parts: parts, blockBytes: Self.smallBlock)
      #expect(summary == whole(bytes, path: path))
      #expect(summary.faults.contains { $0.name == LogFault.tooLong.rawValue })
    }
  }

  @Test("several files are one log; their unreadable lines keep file and number")
  func files() async throws {
    let (old, new) = (try write(Self.lines(8), to: "server.log.1"), try write(Self.lines(15), to: "server.log"))
    let summary = try await scan(new, old)
    #expect(summary.lines == 23)
    #expect(summary.bad.map(\.file) == [new, new, new, old, old])
    #expect(summary.bad.map(\.number) == [4, 8, 15, 4, 8])
    var reordered = try await scan(old, new)
    reordered.bad = summary.bad
    #expect(reordered == summary)
  }

  @Test("a pipe is read to its end")
  func pipe() async throws {
    let bytes = Self.lines(3000)
    let path = folder.appending(path: "pipe").path
    try #require(mkfifo(path, 0o600) == 0)
    async let written: Void = Self.feed(path, bytes)
    #expect(try await scan(path) == whole(bytes, path: path))
    try await written
  }

  private static func feed(_ path: String, _ bytes: [UInt8]) async throws {
    try FileHandle(forWritingTo: URL(fileURLWithPath: path)).write(contentsOf: Data(bytes))
  }

  @Test("what was read is told, in all as much as there is")
  func progress() async throws {
    let path = try write(Self.lines(1000))
    let scan = try LogScan(paths: [path, path], counting: LogStatistics(), parts: 1)
    let read = Mutex(0)
    _ = try await scan.run { count in read.withLock { $0 += count } }
    #expect(read.withLock { $0 } == scan.totalBytes)
  }

  @Test("a missing file and a folder are refused before any file is read")
  func missing() throws {
    let path = try write([])
    for (bad, words) in [(path + ".none", "No such file"), (folder.path, "is a folder")] {
      let error = #expect(throws: NexyError.self) { try LogScan(paths: [path, bad], counting: LogStatistics()) }
      #expect(error?.code == .logNotRead)
      #expect(error?.message.contains(bad) == true)
      #expect(error?.message.contains(words) == true)
    }
  }
}
