import GRDB
import NexyVoice

/// The statements on the tables `exchanges` and `facts`.
enum MemoryTables {
  static func insert(_ remembered: RememberedExchange, _ db: Database) throws {
    // Another process on the same database may have had the same microsecond.
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO exchanges (hardware_id, remembered_at, session_id, prompt, answer)
        VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      remembered.device, remembered.time, remembered.session, remembered.exchange.prompt, remembered.exchange.answer,
    ])
  }

  /// A device's exchanges since a time, newest first, until they are more than that many bytes together.
  static func recent(_ device: String, since time: Int64, bytes: Int, _ db: Database) throws -> [RememberedExchange] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT * FROM exchanges WHERE hardware_id = ? AND remembered_at >= ? ORDER BY remembered_at DESC
          """),
      arguments: [device, time])
    var recent: [RememberedExchange] = []
    var room = bytes
    while room > 0, let row = try rows.next() {
      recent.append(exchange(row))
      room -= recent[recent.count - 1].bytes
    }
    return recent
  }

  static func contains(_ remembered: RememberedExchange, _ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM exchanges WHERE hardware_id = ? AND remembered_at = ?)",
      arguments: [remembered.device, remembered.time]) ?? false
  }

  /// Deletes some of what is older than a time.
  ///
  /// - Returns: How many it deleted, `limit` at most.
  @discardableResult
  static func sweep(before time: Int64, limit: Int, _ db: Database) throws -> Int {
    try db.cachedStatement(
      sql: """
        DELETE FROM exchanges WHERE rowid IN (SELECT rowid FROM exchanges WHERE remembered_at < ? LIMIT ?)
        """
    ).execute(arguments: [time, limit])
    return db.changesCount
  }

  /// A device's facts, oldest first.
  static func facts(_ device: String, _ db: Database) throws -> [Fact] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM facts WHERE hardware_id = ? ORDER BY learned_at, rowid"),
      arguments: [device]
    ).map { Fact(text: $0["text"], time: $0["learned_at"]) }
  }

  static func replaceFacts(_ facts: [Fact], _ device: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM facts WHERE hardware_id = ?", arguments: [device])
    for fact in facts {
      try db.execute(
        sql: "INSERT OR IGNORE INTO facts (hardware_id, learned_at, text) VALUES (?, ?, ?)",
        arguments: [device, fact.time, fact.text])
    }
  }

  /// Deletes everything of a device.
  static func forget(_ device: String, _ db: Database) throws -> MemoryCounts {
    try db.execute(sql: "DELETE FROM exchanges WHERE hardware_id = ?", arguments: [device])
    let exchanges = db.changesCount
    try db.execute(sql: "DELETE FROM facts WHERE hardware_id = ?", arguments: [device])
    return MemoryCounts(exchanges: exchanges, facts: db.changesCount)
  }

  private static func exchange(_ row: Row) -> RememberedExchange {
    RememberedExchange(
      time: row["remembered_at"], device: row["hardware_id"], session: row["session_id"],
      exchange: Exchange(prompt: row["prompt"], answer: row["answer"]))
  }
}

/// How much of a device there was.
package struct MemoryCounts: Sendable, Equatable {
  package var exchanges: Int
  package var facts: Int
}
