import Dispatch
import Foundation
import GRDB
import NexyCore
import Synchronization

/// The one database of the server, `nexy.sqlite`: usage, recent exchanges and facts.
///
/// It is one file so that there is one thing to back up, to protect and to move, and so that those who write wait for
/// each other in this process and not on a lock of SQLite's. With a write-ahead log (https://www.sqlite.org/wal.html)
/// who reads never waits for who writes. Every commit is flushed to disk, which group commits make cheap.
///
/// It is opened when it is first needed, so that the server starts where the disk is full or read-only.
package final class SQLiteStore: Sendable {
  /// The file.
  package let path: String
  private let busyTimeout: Duration
  private let makesFile: Bool
  private let pool = Mutex<DatabasePool?>(nil)
  private let opening = DispatchQueue(label: "nexy.store.opening")
  private let reading = DispatchQueue(label: "nexy.store.reading", attributes: .concurrent)

  /// - Parameters:
  ///   - path: The file; its folder is made when it is missing.
  ///   - busyTimeout: How long another process may hold the database before a write fails.
  ///   - makesFile: Whether a database that is missing is made.
  package init(path: String, busyTimeout: Duration = .seconds(2), makesFile: Bool = true) {
    self.path = path
    self.busyTimeout = busyTimeout
    self.makesFile = makesFile
  }

  /// Whether there is a database to open.
  var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// Runs a transaction; blocks its thread.
  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try closingIfBroken { try opening.sync { try opened() }.write(body) }
  }

  /// Runs something outside a transaction; blocks its thread.
  func maintain<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try closingIfBroken { try opening.sync { try opened() }.writeWithoutTransaction(body) }
  }

  /// Reads what was committed last; a caller that is cancelled stops waiting.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do {
      // A disk that stands still holds a thread, and never a turn.
      return try await BlockingWork.run(on: reading) {
        try (self.pool.withLock { $0 } ?? self.opening.sync { try self.opened() }).read(body)
      }
    } catch {
      closeIfBroken(error)
      throw error
    }
  }

  /// Runs on `opening` alone.
  private func opened() throws -> DatabasePool {
    if let open = pool.withLock({ $0 }) { return open }
    guard makesFile || exists else { throw CocoaError(.fileNoSuchFile) }
    try StoreFile.prepare(path)
    let opened = try DatabasePool(path: path, configuration: configuration)
    try StoreSchema.migrations.migrate(opened)
    // GRDB sets NORMAL, with which a power cut may undo commits: https://www.sqlite.org/pragma.html#pragma_synchronous
    try opened.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    pool.withLock { $0 = opened }
    return opened
  }

  private var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "nexy"
    // Reads are short, and each connection keeps pages of its own.
    configuration.maximumReaderCount = 3
    configuration.prepareDatabase { [busyTimeout] db in
      // GRDB's own setting leaves out the connections that read.
      try db.execute(sql: "PRAGMA busy_timeout = \(busyTimeout.wholeMilliseconds)")
      // What is deleted is overwritten: https://www.sqlite.org/pragma.html#pragma_secure_delete
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "PRAGMA journal_size_limit = 4194304")
      try db.execute(sql: "PRAGMA cache_size = -1024")
    }
    return configuration
  }

  private func closingIfBroken<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch {
      closeIfBroken(error)
      throw error
    }
  }

  /// A connection may be what is broken; one that only waits or has no room is not.
  private func closeIfBroken(_ error: any Error) {
    guard let error = error as? DatabaseError else { return }
    switch error.resultCode {
    case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_CANTOPEN, .SQLITE_NOTADB, .SQLITE_READONLY:
      pool.withLock { $0 = nil }
    default: break
    }
  }
}

extension String {
  /// The text as SQLite can keep it: GRDB binds it up to its first NUL.
  var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
