import Foundation
import GRDB
import NexyCore
import NexyVoice

/// Keeps usage in the table `usage` of `nexy.sqlite`, several entries a commit.
///
/// No failure of the database stops a turn: `record` throws, `note` is tried for half a minute and then reported.
package final class SQLiteUsageLedger: UsageLedger {
  private struct TimedEntry: Sendable {
    let entry: UsageEntry
    let time: Date
  }

  private let writer: BatchWriter<TimedEntry>
  private let now: @Sendable () -> Date
  private let clock: any Clock<Duration>

  /// - Parameters:
  ///   - limits: The queue's, for `note` and `record` together.
  ///   - report: Told of entries that are lost, by an error with code `usageNotRecorded`.
  ///   - onRecovery: Told that entries are kept again.
  package init(
    store: SQLiteStore, limits: BatchLimits = BatchLimits(), now: @escaping @Sendable () -> Date = { Date() },
    clock: any Clock<Duration> = SharedClock(), report: @escaping @Sendable (NexyError) -> Void = { _ in },
    onRecovery: @escaping @Sendable () -> Void = {}
  ) {
    writer = BatchWriter(
      label: "nexy.usage", limits: limits,
      report: { loss in
        let count = loss.count == 1 ? "One usage entry" : "\(loss.count) usage entries"
        report(
          NexyError(
            .usageNotRecorded, "\(count) could not be kept. Check \(store.path) and the free space of its disk.",
            cause: loss.cause))
      },
      onRecovery: onRecovery,
      write: { entries in
        try store.write { db in
          let statement = try db.cachedStatement(sql: Self.insertion)
          for entry in entries { try statement.execute(arguments: Self.values(entry)) }
        }
      })
    self.now = now
    self.clock = clock
  }

  /// A ledger with a database of its own.
  package convenience init(path: String, now: @escaping @Sendable () -> Date = { Date() }) {
    self.init(store: SQLiteStore(path: path), now: now)
  }

  /// - Throws: `NexyError` with code `usageNotRecorded`; the next entry is tried anew.
  package func record(_ entry: UsageEntry) async throws {
    do {
      try await writer.keep(TimedEntry(entry: entry, time: now()))
    } catch {
      throw NexyError(.usageNotRecorded, "Usage could not be recorded. Please try again later.", cause: error)
    }
  }

  package func note(_ entry: UsageEntry) { writer.add(TimedEntry(entry: entry, time: now())) }

  /// Tries once a second what could not be written, until the calling task is cancelled; then closes.
  package func run() async { await writer.run(clock: clock) }

  /// Writes everything that was noted; what cannot be written now is reported as lost.
  package func close() async { await writer.close() }

  private static let insertion = """
    INSERT INTO usage (
      recorded_at, hardware_id, session_id, source, provider, model, input_tokens, output_tokens, characters,
      audio_seconds)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  private static func values(_ timed: TimedEntry) -> StatementArguments {
    let entry = timed.entry
    return [
      timed.time, entry.hardwareID.storable, entry.sessionID.storable, entry.source.storable, entry.provider.storable,
      entry.model.storable, entry.inputTokens, entry.outputTokens, entry.characters,
      // SQLite has no "not a number"; it would be NULL and spoil the batch.
      entry.audioSeconds.isFinite ? entry.audioSeconds : 0,
    ]
  }
}

extension NexyError.Code {
  /// The database cannot be opened or written.
  package static let usageNotRecorded = Self("usage_not_recorded")
  /// The database cannot be opened or read.
  package static let usageNotRead = Self("usage_not_read")
}
