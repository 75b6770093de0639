import Foundation
import GRDB

@testable import NexyProviders

/// A folder that is gone when the test is over.
final class StoreFolder: Sendable {
  let path = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
  var database: String { "\(path)/nexy.sqlite" }

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The database, with little patience for who holds it.
  func store() -> SQLiteStore { SQLiteStore(path: database, busyTimeout: .milliseconds(20)) }

  /// Another process that begins a transaction and leaves it open.
  func holder(_ beginning: String = "BEGIN IMMEDIATE") throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let holder = try DatabaseQueue(path: database, configuration: configuration)
    try holder.writeWithoutTransaction { try $0.execute(sql: beginning) }
    return holder
  }

  /// What another process reads.
  func rows(_ sql: String, in path: String? = nil) throws -> [Row] {
    try DatabaseQueue(path: path ?? database).read { try Row.fetchAll($0, sql: sql) }
  }

  func count(_ table: String) throws -> Int {
    try rows("SELECT COUNT(*) AS count FROM \(table)").first?["count"] ?? 0
  }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  /// The tables as the first release made them, with an entry.
  func makeFirstRelease() throws {
    let database = try DatabaseQueue(path: database)
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
    try migrator.migrate(database)
    try database.write { db in
      try db.execute(
        sql: """
          INSERT INTO usage (recorded_at, hardware_id, session_id, source, input_tokens, output_tokens, model)
          VALUES ('2026-01-31 23:59:59.999', 'old mac', 's', 'client', 5, 6, 'm')
          """)
    }
  }
}
