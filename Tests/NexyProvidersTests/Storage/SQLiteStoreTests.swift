import Foundation
import GRDB
import Testing

@testable import NexyProviders

@Suite struct SQLiteStoreTests {
  private let folder: StoreFolder

  init() throws { folder = try StoreFolder() }

  private func addExchange(_ store: SQLiteStore, time: Int) throws {
    try store.write { db in
      try db.execute(sql: "INSERT INTO exchanges VALUES ('mac', ?, 's', 'prompt', 'answer')", arguments: [time])
    }
  }

  @Test func `nothing is made before the first use`() throws {
    _ = folder.store()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `files are for their owner alone`() throws {
    let deep = "\(folder.path)/new/deep"
    let store = SQLiteStore(path: "\(deep)/nexy.sqlite")
    try addExchange(store, time: 1)
    #expect(try folder.mode(deep) == 0o700)
    for ending in ["", "-wal", "-shm"] { #expect(try folder.mode("\(deep)/nexy.sqlite\(ending)") == 0o600) }
  }

  @Test func `files that others could read are closed to them`() throws {
    try folder.makeFirstRelease()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.database)
    let store = folder.store()
    try addExchange(store, time: 1)
    for ending in ["", "-wal", "-shm"] { #expect(try folder.mode(folder.database + ending) == 0o600) }
  }

  @Test func `the database of the first release keeps its entries`() throws {
    try folder.makeFirstRelease()
    try folder.store().write { db in
      let row = try #require(try Row.fetchOne(db, sql: "SELECT * FROM usage"))
      #expect(row["hardware_id"] == "old mac")
      #expect(row["output_tokens"] == 6)
      #expect(row["provider"] == "")
      #expect(row["characters"] == 0)
    }
  }

  @Test func `the first release still writes to the database of this one`() throws {
    _ = try folder.store().write { _ in }
    _ = try DatabaseQueue(path: folder.database).write { db in
      try db.execute(
        sql: """
          INSERT INTO usage (recorded_at, hardware_id, session_id, source, input_tokens, output_tokens, model)
          VALUES ('2026-01-31 23:59:59.999', 'mac', 's', 'client', 5, 6, 'm')
          """)
    }
    #expect(try folder.count("usage") == 1)
  }

  @Test(arguments: [("journal_mode", "wal"), ("synchronous", "2"), ("secure_delete", "1"), ("busy_timeout", "20")])
  func `the connection is set up`(pragma: String, value: String) throws {
    let found = try folder.store().maintain { try String.fetchOne($0, sql: "PRAGMA \(pragma)") }
    #expect(found == value)
  }

  @Test func `what is committed is in the files, also when the process ends this moment`() throws {
    let store = folder.store()
    for time in 1...50 { try addExchange(store, time: time) }
    let copy = "\(folder.path)/copy.sqlite"
    for ending in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder.database + ending, toPath: copy + ending)
    }
    #expect(try folder.rows("SELECT * FROM exchanges", in: copy).count == 50)
    // The store has to be open until here.
    try addExchange(store, time: 51)
  }

  @Test func `who reads does not wait for who writes`() async throws {
    let store = folder.store()
    try addExchange(store, time: 1)
    let other = try folder.holder()
    let count = try await store.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM exchanges") }
    #expect(count == 1)
    #expect(throws: DatabaseError.self) { try addExchange(store, time: 2) }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try addExchange(store, time: 3)
  }

  @Test func `a file that is no database fails, and works once it is away`() throws {
    try String(repeating: "no database ", count: 500).write(
      toFile: folder.database, atomically: true, encoding: .utf8)
    let store = folder.store()
    #expect(throws: DatabaseError.self) { try addExchange(store, time: 1) }
    try FileManager.default.removeItem(atPath: folder.database)
    try addExchange(store, time: 1)
    #expect(try folder.count("exchanges") == 1)
  }

  @Test func `a database is not made where one is expected`() throws {
    let store = SQLiteStore(path: folder.database, makesFile: false)
    #expect(throws: CocoaError.self) { try addExchange(store, time: 1) }
    #expect(!store.exists)
  }

  @Test func `a reader that is cancelled does not wait for a database that cannot be opened`() async throws {
    let other = try folder.holder("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (i)")
    let store = SQLiteStore(path: folder.database, busyTimeout: .seconds(60))
    let reader = Task { try await store.read { try Int.fetchOne($0, sql: "SELECT 1") } }
    reader.cancel()
    await #expect(throws: CancellationError.self) { try await reader.value }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK; PRAGMA locking_mode = NORMAL") }
    try other.close()
  }

  @Test func `text may hold a NUL`() {
    #expect("a\0b".storable == "a\u{FFFD}b")
    #expect("Привет".storable == "Привет")
  }
}
