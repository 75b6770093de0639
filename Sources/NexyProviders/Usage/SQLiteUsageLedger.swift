import Foundation
import GRDB
import NexyCore
import NexyVoice

/// Keeps usage in the table `usage` of `nexy.sqlite`.
///
/// The database is opened at the first entry, so that the server starts where the disk is full or read-only, and says so
/// to whoever reports.
package actor SQLiteUsageLedger: UsageLedger {
  private let path: String
  private let now: @Sendable () -> Date
  private var database: DatabaseQueue?

  /// - Parameter path: The file; its folder is made when it is missing.
  package init(path: String, now: @escaping @Sendable () -> Date = { Date() }) {
    self.path = path
    self.now = now
  }

  /// - Throws: `NexyError` with code `usageNotRecorded`; the next entry is tried anew.
  package func record(_ entry: UsageEntry) async throws {
    do {
      let database = try opened()
      let time = now()
      try await database.write { db in
        try db.execute(
          sql: """
            INSERT INTO usage (recorded_at, hardware_id, session_id, source, input_tokens, output_tokens, model)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            time, entry.hardwareID, entry.sessionID, entry.source, entry.inputTokens, entry.outputTokens, entry.model,
          ])
      }
    } catch {
      throw NexyError(.usageNotRecorded, "Usage could not be recorded. Please try again later.", cause: error)
    }
  }

  private func opened() throws -> DatabaseQueue {
    if let database { return database }
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let opened = try DatabaseQueue(path: path)
    try Self.migrations.migrate(opened)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    database = opened
    return opened
  }

  private static var migrations: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("usage") { db in
      try db.create(table: "usage") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("recorded_at", .datetime).notNull()
        table.column("hardware_id", .text).notNull().indexed()
        table.column("session_id", .text).notNull()
        table.column("source", .text).notNull()
        table.column("input_tokens", .integer).notNull()
        table.column("output_tokens", .integer).notNull()
        table.column("model", .text).notNull()
      }
    }
    return migrator
  }
}

extension NexyError.Code {
  /// The database cannot be opened or written.
  package static let usageNotRecorded = Self("usage_not_recorded")
}
