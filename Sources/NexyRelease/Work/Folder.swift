import Foundation
import NexyCore

enum Folder {
  /// Makes a folder and those above it, where there is none.
  /// - Throws: `NexyError` with code `fileNotWritten`.
  static func make(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw NexyError(.fileNotWritten, "The folder \(path) could not be made. Check the one above it.", cause: error)
    }
  }
}
