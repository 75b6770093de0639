import Foundation
import Testing

@testable import NexyProviders

@Suite("A language model is told the date in words") struct PromptDateTests {
  static let dates: [(moment: String, zone: String, text: String)] = [
    ("2026-11-21T12:05:00Z", "UTC", "Saturday, 21 November 2026, 12:05"),
    ("2026-11-21T22:30:00Z", "Europe/Moscow", "Sunday, 22 November 2026, 1:30"),
    ("2027-01-01T00:00:59Z", "UTC", "Friday, 1 January 2027, 0:00"),
  ]

  @Test(arguments: dates) func `the server's zone counts`(_ moment: String, _ zone: String, _ text: String) throws {
    let zone = try #require(TimeZone(identifier: zone))
    #expect(PromptDate.text(for: try Date(moment, strategy: .iso8601), in: zone) == text)
  }
}
