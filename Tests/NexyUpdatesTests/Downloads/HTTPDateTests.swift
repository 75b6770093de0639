import Testing

@testable import NexyUpdates

@Suite("Dates of header fields")
struct HTTPDateTests {
  @Test(
    "Seconds are told as a date and read again",
    arguments: [
      (Int64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
      (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
  func tells(_ seconds: Int64, _ text: String) {
    #expect(HTTPDate.text(seconds) == text)
    #expect(HTTPDate.seconds(text) == seconds)
  }

  @Test("Days of four centuries are read as they were told")
  func roundTrips() {
    for day in stride(from: Int64(0), to: 146_097, by: 59) {
      let seconds = day * 86_400 + day % 86_400
      #expect(HTTPDate.seconds(HTTPDate.text(seconds)) == seconds)
    }
  }

  @Test(
    "The obsolete forms are read",
    arguments: [
      ("Sunday, 06-Nov-94 08:49:37 GMT", Int64(784_111_777)), ("Sun Nov  6 08:49:37 1994", 784_111_777),
      ("Tuesday, 01-Jan-69 00:00:00 GMT", 3_124_224_000),
    ])
  func readsObsolete(_ text: String, _ seconds: Int64) { #expect(HTTPDate.seconds(text) == seconds) }

  @Test(
    "What is no date is none",
    arguments: [
      "", "now", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov +994 08:49:37 GMT", "784111777", String(repeating: "Sun ", count: 1000),
    ])
  func refuses(_ text: String) { #expect(HTTPDate.seconds(text) == nil) }

  @Test(
    "Times that the format cannot tell are told as the nearest",
    arguments: [(Int64.min, Int64(0)), (.max, 253_402_300_799)])
  func clamps(_ seconds: Int64, _ nearest: Int64) { #expect(HTTPDate.text(seconds) == HTTPDate.text(nearest)) }
}
