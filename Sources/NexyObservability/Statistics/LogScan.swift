import Foundation
import NexyCore

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Counts what log files say, on all cores; the figures do not depend on how the files are cut for that.
package struct LogScan: Sendable {
  private struct Input {
    let name: String
    let handle: FileHandle
    /// Nil for a pipe or a terminal.
    let bytes: Int?
  }

  private let inputs: [Input]
  /// What counts each part; without a line so far.
  private let empty: LogStatistics
  /// Parts of a file that are read at the same time.
  private let parts: Int
  private let blockBytes: Int

  /// Opens all files before one is read.
  ///
  /// - Parameters:
  ///   - paths: `-` is standard input.
  ///   - blockBytes: How much is read at once; more than the longest line.
  /// - Throws: `NexyError` with code `logNotRead` for a file that cannot be opened.
  package init(
    paths: [String], counting empty: LogStatistics, parts: Int = ProcessInfo.processInfo.activeProcessorCount,
    blockBytes: Int = 4 << 20
  ) throws {
    precondition(blockBytes > LogRecordReader.longest + 2, "A block holds the longest line, and its end.")
    self.empty = empty
    self.parts = parts
    self.blockBytes = blockBytes
    inputs = try paths.map(Self.open)
  }

  /// How much there is to read, as far as it is known.
  package var totalBytes: Int { inputs.reduce(0) { $0 + ($1.bytes ?? 0) } }

  /// Reads the files to their ends, one after the other.
  ///
  /// - Parameter onRead: Hears how many bytes were read, from several threads.
  package func run(onRead: @escaping @Sendable (Int) -> Void) async throws -> LogStatistics {
    var all = empty
    for input in inputs {
      var statistics = try await count(input, onRead)
      statistics.name(file: input.name)
      all.join(statistics)
    }
    return all
  }

  private func count(_ input: Input, _ onRead: @escaping @Sendable (Int) -> Void) async throws -> LogStatistics {
    let ranges = cut(input)
    return try await withThrowingTaskGroup(of: (Int, LogStatistics).self) { group in
      for (place, range) in ranges.enumerated() {
        group.addTask {
          let part = LogFilePart(
            descriptor: input.handle.fileDescriptor, isStream: input.bytes == nil, range: range, name: input.name)
          var statistics = empty
          try part.read(blockBytes, onRead: onRead) {
            statistics.add(block: $0)
          } overlong: {
            statistics.add(line: $0)
          }
          return (place, statistics)
        }
      }
      var results = [LogStatistics?](repeating: nil, count: ranges.count)
      for try await (place, statistics) in group { results[place] = statistics }
      return results.compactMap(\.self).reduce(into: empty) { $0.append($1) }
    }
  }

  /// Equal parts; the last has no end, for a log that grows meanwhile.
  private func cut(_ input: Input) -> [Range<Int>] {
    guard let bytes = input.bytes else { return [0..<Int.max] }
    let start = min(max(Int(lseek(input.handle.fileDescriptor, 0, SEEK_CUR)), 0), bytes)
    let count = max(1, min(parts, bytes - start))
    let borders = (0..<count).map { start + (bytes - start) * $0 / count } + [Int.max]
    return zip(borders, borders.dropFirst()).map { $0..<$1 }
  }

  private static func open(_ path: String) throws -> Input {
    let isStandardInput = path == "-"
    let descriptor = isStandardInput ? STDIN_FILENO : openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw NexyError(.logNotRead, "The log \(path) could not be opened: \(reason). Name a file, or - for a pipe.")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: !isStandardInput)
    var file = stat()
    let isKnown = fstat(descriptor, &file) == 0
    guard !isKnown || file.st_mode & S_IFMT != S_IFDIR else {
      throw NexyError(.logNotRead, "\(path) is a folder. Name the log files in it.")
    }
    let isFile = isKnown && file.st_mode & S_IFMT == S_IFREG
    return Input(
      name: isStandardInput ? "standard input" : path, handle: handle, bytes: isFile ? Int(file.st_size) : nil)
  }
}

extension NexyError.Code {
  /// A log could not be opened or read.
  package static let logNotRead = Self("log_not_read")
}
