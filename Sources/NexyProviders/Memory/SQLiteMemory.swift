import Foundation
import GRDB
import NexyCore
import NexyVoice
import Synchronization

/// Remembers conversations in `nexy.sqlite`, each device's apart.
///
/// An exchange is recalled as soon as it was remembered, also before it is on disk, and for two hours; facts stay until
/// they are forgotten. What is kept is what may be sent to a model: secrets are masked before.
package final class SQLiteMemory: ConversationMemory {
  /// Rows of one sweep.
  private static let sweepLimit = 500
  /// How often is looked for what is too old while nothing is written.
  private static let sweepInterval = Duration.seconds(600)

  let limits: MemoryLimits
  private let store: SQLiteStore
  private let recallsFacts: Bool
  private let now: @Sendable () -> Date
  private let clock: any Clock<Duration>
  private let writer: BatchWriter<MemoryChange>
  private let lastTime = Mutex(Int64.min)

  /// - Parameters:
  ///   - recallsFacts: Whether a recollection has the facts that were learned once.
  ///   - report: Told of exchanges that are lost, by an error with code `memoryNotKept`.
  ///   - onRecovery: Told that exchanges are kept again.
  package init(
    store: SQLiteStore, limits: MemoryLimits = MemoryLimits(), queue: BatchLimits = BatchLimits(),
    recallsFacts: Bool = false, now: @escaping @Sendable () -> Date = { Date() },
    clock: any Clock<Duration> = SharedClock(), report: @escaping @Sendable (NexyError) -> Void = { _ in },
    onRecovery: @escaping @Sendable () -> Void = {}
  ) {
    self.store = store
    self.limits = limits
    self.recallsFacts = recallsFacts
    self.now = now
    self.clock = clock
    writer = BatchWriter(
      label: "nexy.memory", limits: queue,
      report: { loss in
        let count = loss.count == 1 ? "One exchange" : "\(loss.count) exchanges"
        report(
          NexyError(
            .memoryNotKept, "\(count) could not be remembered. Check \(store.path) and the free space of its disk.",
            cause: loss.cause))
      },
      onRecovery: onRecovery,
      write: { changes in
        try store.write { db in
          for change in changes { try change.apply(limits, db) }
          try MemoryTables.sweep(before: Self.oldest(now(), limits), limit: Self.sweepLimit, db)
        }
      })
  }

  /// What is known of a device; a caller that is cancelled stops waiting.
  ///
  /// - Throws: `NexyError` with code `memoryUnavailable`.
  package func recall(_ device: DeviceID) async throws -> Recollection {
    let key = device.text.storable
    let oldest = Self.oldest(now(), limits)
    // First what waits, then what is stored: what is written in between is in both.
    let pending = writer.pending.compactMap(\.exchange).filter { $0.device == key && $0.time >= oldest }
    let (stored, facts) = try await read { [limits, recallsFacts] db in
      (
        try MemoryTables.recent(key, since: oldest, bytes: limits.shortTermBytes, db),
        recallsFacts ? try MemoryTables.facts(key, db).map(\.text) : []
      )
    }
    let known = Set(stored.map(\.time))
    let newestFirst = (stored + pending.filter { !known.contains($0.time) }).sorted { $0.time > $1.time }
    return Recollection(exchanges: newestFirst.fitting(limits), facts: facts)
  }

  package func remember(_ exchange: Exchange, device: DeviceID, session: SessionID) {
    keep(exchange, device: device, session: session)
  }

  /// Remembers an exchange.
  ///
  /// - Returns: What is kept of it; nil when nothing is.
  @discardableResult
  func keep(_ exchange: Exchange, device: DeviceID, session: SessionID) -> RememberedExchange? {
    let remembered = RememberedExchange(
      time: nextTime(), device: device.text.storable, session: session.text.storable,
      exchange: exchange.kept(withinBytes: limits.exchangeBytes))
    guard remembered.bytes > 0 else { return nil }
    writer.add(.exchange(remembered))
    return remembered
  }

  /// Learns facts from an exchange, unless that was forgotten in the meantime.
  func learn(_ change: FactChange, from source: RememberedExchange) { writer.add(.facts(change, source)) }

  /// A device's facts, whether they are recalled or not.
  func facts(_ device: String) async throws -> [String] {
    try await read { try MemoryTables.facts(device, $0).map(\.text) }
  }

  /// Everything that is stored of a device.
  ///
  /// - Throws: `NexyError` with code `memoryUnavailable`.
  package func contents(of device: DeviceID) async throws -> MemoryContents {
    let key = device.text.storable
    await writer.flush()
    return try await read { db in
      let exchanges = try MemoryTables.recent(key, since: .min, bytes: .max, db).reversed()
      return MemoryContents(exchanges: Array(exchanges), facts: try MemoryTables.facts(key, db))
    }
  }

  /// Deletes everything of a device, also what waits to be written and what the file still held of it.
  ///
  /// - Returns: What was deleted.
  /// - Throws: `NexyError` with code `memoryUnavailable`; then something may be left.
  package func forget(_ device: DeviceID) async throws -> MemoryCounts {
    let key = device.text.storable
    do {
      return try await writer.alone(removing: { $0.device == key }) { [store] removed in
        var counts = try store.write { try MemoryTables.forget(key, $0) }
        counts.exchanges += removed.compactMap(\.exchange).count
        try Self.cutLog(store)
        return counts
      }
    } catch let error as NexyError {
      throw error
    } catch {
      throw unavailable(error)
    }
  }

  /// Deletes what is too old and tries again what could not be written, until the calling task is cancelled; then
  /// closes.
  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { [self] in await writer.run(clock: clock) }
      group.addTask { [self] in
        repeat { await sweep() } while (try? await clock.sleep(for: Self.sweepInterval)) != nil
      }
    }
  }

  /// Writes everything that was remembered; what cannot be written now is reported as lost.
  package func close() async { await writer.close() }

  /// Deletes everything that is too old, a little at a time; what fails is deleted the next time.
  func sweep() async {
    guard store.exists else { return }
    var count: Int?
    repeat {
      count = try? await writer.alone { [store, now, limits] _ in
        try store.write { db in
          try MemoryTables.sweep(before: Self.oldest(now(), limits), limit: Self.sweepLimit, db)
        }
      }
    } while count == Self.sweepLimit && !Task.isCancelled
  }

  private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await store.read(body) } catch {
      if error is CancellationError { throw error }
      throw unavailable(error)
    }
  }

  /// The log has copies of what was deleted, until its pages are written back and it is cut.
  private static func cutLog(_ store: SQLiteStore) throws {
    do {
      try store.maintain { _ = try $0.checkpoint(.truncate) }
    } catch {
      throw NexyError(
        .memoryUnavailable,
        "Everything of the device was deleted, but \(store.path)-wal may still hold copies. Please forget it again.",
        cause: error)
    }
  }

  private func nextTime() -> Int64 {
    let time = Self.microseconds(now())
    return lastTime.withLock { last in
      last = max(last + 1, time)
      return last
    }
  }

  private static func oldest(_ now: Date, _ limits: MemoryLimits) -> Int64 {
    microseconds(now.addingTimeInterval(-limits.age.inSeconds))
  }

  private static func microseconds(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970 * 1_000_000) }

  private func unavailable(_ error: any Error) -> NexyError {
    let message =
      (error as? CocoaError)?.code == .fileNoSuchFile
      ? "There is no database at \(store.path): nothing was remembered yet, or NEXY_DATA_DIR is another."
      : "The memory in \(store.path) could not be used. Check that it is the server's database and yours to write."
    return NexyError(.memoryUnavailable, message, cause: error)
  }
}

extension NexyError.Code {
  /// The database of the memory cannot be opened, read or written.
  package static let memoryUnavailable = Self("memory_unavailable")
  /// Exchanges are lost.
  package static let memoryNotKept = Self("memory_not_kept")
}
