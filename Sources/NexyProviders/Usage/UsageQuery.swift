import Foundation
import GRDB
import NexyCore

/// What a report puts together in a line.
package enum UsageGrouping: String, Sendable, CaseIterable { case device, model, day }

/// The sum of one model's entries within a group.
struct UsageSum: Sendable, Equatable {
  /// The device, the model or the day; empty without a grouping.
  var group = ""
  var provider = ""
  var model = ""
  var figures = UsageFigures()
}

/// Reads sums of usage from a database that a server may be writing.
enum UsageQuery {
  /// - Throws: `NexyError` with code `usageNotRead`.
  static func sums(path: String, period: UsagePeriod, grouping: UsageGrouping?) async throws -> [UsageSum] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw NexyError(
        .usageNotRead, "There is no database at \(path): no usage was recorded yet, or NEXY_DATA_DIR is another.")
    }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(2)
      return try await DatabaseQueue(path: path, configuration: configuration).read { db in
        try sums(db, period: period, grouping: grouping)
      }
    } catch {
      throw NexyError(
        .usageNotRead,
        "The usage in \(path) could not be read. Check that it is the server's database and yours to read.",
        cause: error)
    }
  }

  private static func sums(_ db: Database, period: UsagePeriod, grouping: UsageGrouping?) throws -> [UsageSum] {
    guard try db.tableExists("usage") else { return [] }
    // Before a server of this release opened the database, entries have no provider and no speech.
    let hasSpeech = try db.columns(in: "usage").contains { $0.name == "provider" }
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT \(column(grouping)) AS "group", \(hasSpeech ? "provider" : "''") AS provider_name, model,
          COUNT(*) AS calls, SUM(input_tokens) AS input, SUM(output_tokens) AS output,
          \(hasSpeech ? "SUM(characters)" : "0") AS spoken, \(hasSpeech ? "SUM(audio_seconds)" : "0") AS seconds
        FROM usage
        WHERE (:from IS NULL OR recorded_at >= :from) AND (:end IS NULL OR recorded_at < :end)
        GROUP BY 1, 2, 3
        ORDER BY 1, 2, 3
        """,
      // Times are text, "2026-01-31 23:59:59.999"; whatever has that day's date is less than "2026-01-31 24".
      arguments: ["from": period.from, "end": period.to.map { "\($0) 24" }])
    return rows.map { row in
      UsageSum(
        group: row["group"], provider: row["provider_name"], model: row["model"],
        figures: UsageFigures(
          calls: row["calls"], inputTokens: row["input"], outputTokens: row["output"], characters: row["spoken"],
          audioSeconds: row["seconds"]))
    }
  }

  private static func column(_ grouping: UsageGrouping?) -> String {
    switch grouping {
    case .device: "hardware_id"
    case .model: "model"
    case .day: "substr(recorded_at, 1, 10)"
    case nil: "''"
    }
  }
}
