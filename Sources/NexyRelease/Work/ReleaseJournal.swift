import Foundation
import NexyCore

/// What is under way: a plan, and how far it came. It is written before each step and gone when all is done.
struct ReleaseJournal: Codable, Sendable {
  let plan: ReleasePlan
  /// Steps that are done; the next one may have begun.
  var done: Int
  let startedAt: String

  /// Whether the shelves still look as they did before.
  var isUnseen: Bool { done < plan.firstSwap }
}

/// The file of the journal; only the holder of the room's lease may change it.
struct JournalFile: Sendable {
  let path: String

  /// - Returns: nil when nothing is under way.
  func read() throws -> ReleaseJournal? { try WorkFile.read(from: path) }

  func write(_ journal: ReleaseJournal) throws { try WorkFile.write(journal, to: path) }

  /// Gives the file a name that nobody reads, told by when it was begun.
  func putAside(_ journal: ReleaseJournal) throws -> String {
    let day = journal.startedAt.filter { $0.isNumber || $0 == "T" }
    let aside = "\(path).abandoned-\(day)"
    guard rename(path, aside) == 0 else {
      throw NexyError(.fileNotWritten, "\(path) could not be renamed: \(String(cString: strerror(errno))).")
    }
    return aside
  }

  func remove() throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw NexyError(.fileNotWritten, "\(path) could not be removed: \(String(cString: strerror(errno))).")
    }
  }
}
