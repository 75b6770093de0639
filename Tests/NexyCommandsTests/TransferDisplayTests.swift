import Testing

@testable import NexyCommands

@Suite("How far a transfer came")
struct TransferDisplayTests {
  private static let rows: [(bytes: Int64, total: Int64, seconds: Int, line: String)] = [
    (0, 276_300_000, 0, "up [                    ] 0 %  0.0/276.3 MB  0.0 MB/s  0:00"),
    (138_150_000, 276_300_000, 10, "up [##########          ] 50 %  138.2/276.3 MB  13.8 MB/s  0:10"),
    (276_300_000, 276_300_000, 20, "up [####################] 100 %  276.3/276.3 MB  13.8 MB/s  0:00"),
    (1_000_000, 276_300_000, 10, "up [                    ] 0 %  1.0/276.3 MB  0.1 MB/s  45:53"),
    (0, 0, 1, "up [####################] 100 %  0.0/0.0 MB  0.0 MB/s  0:00"),
  ]

  @Test("is told with rate and remaining time", arguments: rows.indices)
  func line(index: Int) {
    let row = Self.rows[index]
    #expect(TransferDisplay.line("up", row.bytes, row.total, .seconds(row.seconds)) == row.line)
  }
}
