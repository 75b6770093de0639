import Foundation
import NexyCore

/// A change that was begun: what it needs to be finished by whoever comes next.
///
/// It holds edits and checksums, and no file's text: a file of settings has secrets in it.
package struct VersionJournal: Sendable, Equatable, Codable {
  /// A file that gets its edits, and how to know whether it has them.
  struct File: Sendable, Equatable, Codable {
    /// Absolute: whoever finishes the change may work in another folder.
    let path: String
    /// SHA-256 of the bytes before; nil for a file that is made.
    let before: String?
    /// SHA-256 of the bytes after.
    let after: String
    let edits: [FileChange.Edit]
  }

  static let name = "version_journal.json"

  package let version: String
  let files: [File]

  init(_ plan: VersionPlan, folder: String) {
    version = plan.version.text
    files = plan.files.map { change in
      File(
        path: change.path.hasPrefix("/") ? change.path : "\(folder)/\(change.path)",
        before: change.old.map(FileChange.checksum), after: FileChange.checksum(change.new), edits: change.edits)
    }
  }

  /// - Throws: `NexyError` with code `workFileUnreadable`.
  package static func standing(in stateFolder: String) throws -> VersionJournal? {
    try WorkFile.read(VersionJournal.self, from: "\(stateFolder)/\(name)")
  }

  func write(to stateFolder: String) throws { try WorkFile.write(self, to: "\(stateFolder)/\(Self.name)") }

  static func remove(from stateFolder: String) throws {
    let path = "\(stateFolder)/\(name)"
    guard unlink(path) == 0 || errno == ENOENT else {
      throw NexyError(.fileNotWritten, "\(path) could not be removed: \(String(cString: strerror(errno))).")
    }
  }
}

extension VersionJournal.File {
  /// What is left to do.
  enum Remainder: Equatable {
    /// These bytes are still to be written.
    case write([UInt8])
    case nothing
    /// Somebody changed the file since: it stays as it is.
    case foreign
  }

  func remainder(_ file: PlaceFile) -> Remainder {
    switch file {
    case .unreadable: return .foreign
    case .absent:
      return before == nil ? .write(FileChange.applied(edits, to: [])) : .foreign
    case .present(let bytes, _):
      let checksum = FileChange.checksum(bytes)
      if checksum == after { return .nothing }
      guard checksum == before else { return .foreign }
      let new = FileChange.applied(edits, to: bytes)
      return FileChange.checksum(new) == after ? .write(new) : .foreign
    }
  }
}
