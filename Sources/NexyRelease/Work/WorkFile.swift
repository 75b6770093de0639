import Foundation
import NexyCore

/// Documents that the release room writes for itself and reads again: JSON with sorted keys in snake case.
enum WorkFile {
  /// - Throws: `NexyError` with code `fileNotWritten`.
  static func write(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      try AtomicFile.write([UInt8](encoder.encode(value)) + [0x0A], to: path)
    } catch let error as NexyError {
      throw error
    } catch {
      throw NexyError(.fileNotWritten, "\(path) could not be written.", cause: error)
    }
  }

  /// - Returns: nil when there is no such file.
  /// - Throws: `NexyError` with code `workFileUnreadable`.
  static func read<Value: Decodable>(_ type: Value.Type = Value.self, from path: String) throws -> Value? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw NexyError(
        .workFileUnreadable, "\(path) cannot be read as it was written. Move it away and run the command again.",
        cause: error)
    }
  }
}

extension NexyError.Code {
  /// A file that the release room wrote for itself cannot be read.
  package static let workFileUnreadable = Self("work_file_unreadable")
}
