import Foundation

/// The files of this repository, wherever it was cloned.
enum Repository {
  private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  static func data(of path: String) throws -> Data {
    try Data(contentsOf: root.appendingPathComponent(path))
  }
}
