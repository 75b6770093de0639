import GRDB

/// The tables of `nexy.sqlite` as they grew; a migration that was released is never changed.
///
/// Every column that came later has a default, so that the release before it still writes.
enum StoreSchema {
  static var migrations: DatabaseMigrator {
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
    migrator.registerMigration("usage of speech") { db in
      try db.alter(table: "usage") { table in
        table.add(column: "provider", .text).notNull().defaults(to: "")
        table.add(column: "characters", .integer).notNull().defaults(to: 0)
        table.add(column: "audio_seconds", .double).notNull().defaults(to: 0)
      }
      try db.create(index: "usage_on_recorded_at", on: "usage", columns: ["recorded_at"])
    }
    migrator.registerMigration("memory") { db in
      // Times are microseconds since 1970; within a device no two are equal, so they are also the order.
      try db.create(table: "exchanges") { table in
        table.column("hardware_id", .text).notNull()
        table.column("remembered_at", .integer).notNull().indexed()
        table.column("session_id", .text).notNull()
        table.column("prompt", .text).notNull()
        table.column("answer", .text).notNull()
        table.primaryKey(["hardware_id", "remembered_at"])
      }
      try db.create(table: "facts") { table in
        table.column("hardware_id", .text).notNull()
        table.column("learned_at", .integer).notNull()
        table.column("text", .text).notNull()
        table.primaryKey(["hardware_id", "text"])
      }
    }
    return migrator
  }
}
