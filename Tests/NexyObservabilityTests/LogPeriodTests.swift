import Foundation
import Testing

@testable import NexyObservability

@Suite("The time that an operator types")
struct LogPeriodTests {
  /// 2026-01-02, 03:04:05 UTC.
  private static let now = Date(timeIntervalSince1970: 1_767_323_045)

  private static let moments: [(text: String, seconds: Double?)] = [
    ("30m", 1_767_323_045 - 1800), ("2h", 1_767_323_045 - 7200), ("1d", 1_767_323_045 - 86_400),
    ("45s", 1_767_323_045 - 45), ("0m", 1_767_323_045), ("90m", 1_767_323_045 - 5400),
    ("2026-01-02", 1_767_312_000), ("2026-01-02T03:04", 1_767_323_040), ("2026-01-02T03:04:05", 1_767_323_045),
    ("2026-01-02T03:04:05Z", 1_767_323_045), ("2026-01-02T03:04:05.500+00:00", 1_767_323_045.5),
    ("2026-01-02T06:04:05+03:00", 1_767_323_045), ("2026-01-02T03:04:05.5", 1_767_323_045.5),
    ("", nil), ("m", nil), ("-5m", nil), ("1.5h", nil), ("5", nil), ("5w", nil), ("yesterday", nil),
    ("2026-13-02", nil), ("99999999999d", nil), ("2026-01-0m", nil),
  ]

  @Test("is so long ago, or an ISO 8601 time", arguments: moments)
  func moment(text: String, seconds: Double?) {
    #expect(LogPeriod.moment(text, now: Self.now)?.timeIntervalSince1970 == seconds)
  }

  @Test("begins a period that ends before its end")
  func borders() {
    let period = LogPeriod(since: Self.now, until: Self.now.addingTimeInterval(1))
    let start: Int64 = 1_767_323_045_000
    #expect([-1, 0, 999, 1000].map { period.contains(start + $0) } == [false, true, true, false])
    #expect(!period.isEmpty)
    #expect(LogPeriod(since: Self.now, until: Self.now).isEmpty)
    #expect(LogPeriod.always == LogPeriod(since: nil, until: nil))
  }
}
