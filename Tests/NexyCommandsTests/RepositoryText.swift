import Foundation

/// The sources of this repository as text, wherever it was cloned.
enum RepositoryText {
  private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The folders right below one.
  static func folders(in path: String) throws -> [String] {
    let folder = root.appendingPathComponent(path)
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey])
      .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
      .map(\.lastPathComponent).sorted()
  }

  /// Every Swift file below a folder, by its path in the repository.
  static func swiftFiles(in path: String) throws -> [String] {
    let files = FileManager.default.enumerator(atPath: root.appendingPathComponent(path).path)
    return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.map { "\(path)/\($0)" }
      .sorted()
  }

  /// The rooms that a file imports.
  static func rooms(importedBy path: String) throws -> Set<String> {
    Set(
      try text(of: path).matches(
        of:
          #/(?m)^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(Nexy\w+)/#
      ).map { String($0.1) })
  }
}
