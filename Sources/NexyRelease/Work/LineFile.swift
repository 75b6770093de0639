import Foundation
import NexyCore

/// A file of JSON lines that only grows; a line that a crash cut short costs no other.
struct LineFile: Sendable {
  let path: String

  /// The lines that can be read; none where there is no file.
  func read<Line: Decodable>(_ type: Line.Type = Line.self) throws -> [Line] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw NexyError(.workFileUnreadable, "\(path) could not be read. Check its permissions.", cause: error)
    }
    return data.split(separator: 0x0A).compactMap { try? decoder.decode(type, from: Data($0)) }
  }

  /// Adds a line and sees it on the disk.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  func append(_ line: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let text = try encoder.encode(line)
      if !FileManager.default.fileExists(atPath: path) { try AtomicFile.write([], to: path) }
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let end = try file.seekToEnd()
      var isWhole = true
      if end > 0 {
        try file.seek(toOffset: end - 1)
        isWhole = try file.read(upToCount: 1) == Data([0x0A])
      }
      try file.write(contentsOf: (isWhole ? Data() : Data([0x0A])) + text + Data([0x0A]))
      try file.synchronize()
    } catch {
      throw NexyError(.fileNotWritten, "\(path) could not be written. Check its folder.", cause: error)
    }
  }
}
