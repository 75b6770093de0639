import Foundation
import NexyCore
import NexyObservability
import Testing

@testable import NexyServer

@Suite("docs/operating.md says what is so")
struct OperatingGuideTests {
  private let guide = try? String(contentsOf: Self.path, encoding: .utf8)

  private static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/operating.md").standardized

  @Test("every code has its row", arguments: ErrorTable.rows.map { ($0.key, $0.value.statusName) })
  func error(code: NexyError.Code, status: String) throws {
    let row = ErrorTable.row(for: code)
    let line = [
      "`\(code)`", status, row.isTransient ? "transient" : "permanent", row.verdict.rawValue,
      row.retryAfter.map { "\($0) s" } ?? "-", row.advice,
    ]
    #expect(try #require(guide).contains("| " + line.joined(separator: " | ") + " |"), "\(line)")
  }

  #if os(Linux)
  @Test("every metric has its row", arguments: ServerMetrics.catalogue)
  func metric(_ metric: MetricDescription) throws {
    let dimensions = metric.dimensions.isEmpty ? "-" : metric.dimensions.joined(separator: ", ")
    let line = ["`\(metric.name)`", metric.kind.rawValue, dimensions, metric.meaning, "`\(metric.alert)`"]
    #expect(try #require(guide).contains("| " + line.joined(separator: " | ") + " |"), "\(line)")
  }

  @Test("no row is of something that is not there")
  func nothingElse() throws {
    let rows = try #require(guide).matches(of: #/\n\| `([a-z_]+)` \| (?:counter|gauge|histogram|timer|[A-Z_]+) \|/#)
    let known = Set(ServerMetrics.catalogue.map(\.name) + ErrorTable.rows.keys.map(\.rawValue))
    #expect(Set(rows.map { String($0.1) }) == known)
  }
  #endif
}
