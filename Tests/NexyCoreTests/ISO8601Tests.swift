import NexyCore
import Testing

@Suite("Moments are read and written as ISO 8601")
struct ISO8601Tests {
  private static let moments: [(text: String, milliseconds: Int64)] = [
    ("1970-01-01", 0), ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00", 0), ("1969-12-31T23:59:59.999Z", -1),
    ("2026-03-05T07:08:09Z", 1_772_694_489_000), ("2026-03-05T07:08:09", 1_772_694_489_000),
    ("2026-03-05T10:08:09+03:00", 1_772_694_489_000), ("2026-03-05T10:08:09+0300", 1_772_694_489_000),
    ("2026-03-05T10:08:09+03", 1_772_694_489_000), ("2026-03-04T23:38:09-07:30", 1_772_694_489_000),
    ("2026-03-05T07:08:09.5Z", 1_772_694_489_500), ("2026-03-05T07:08:09.123456", 1_772_694_489_123),
    ("2026-03-05T07:08:09.999999999+00:00", 1_772_694_489_999), ("2024-02-29", 1_709_164_800_000),
    ("2000-02-29T23:59:59Z", 951_868_799_000), ("0001-01-01", -62_135_596_800_000),
    ("9999-12-31T23:59:59Z", 253_402_300_799_000),
  ]

  @Test("a moment is read", arguments: moments)
  func read(text: String, milliseconds: Int64) {
    #expect(ISO8601.milliseconds(of: text) == milliseconds)
  }

  @Test(
    "what is no moment is none",
    arguments: [
      "", "2026", "2026-3-5", "2026-03-05 07:08:09", "2026-13-01", "2026-00-01", "2026-02-29", "2100-02-29",
      "2026-04-31",
      "2026-03-00", "2026-03-05T", "2026-03-05T24:00:00", "2026-03-05T07:60:00", "2026-03-05T07:08:60Z",
      "2026-03-05T07", "2026-03-05T07:08:09.Z", "2026-03-05T07:08:09.1234567890Z", "2026-03-05T07:08:09+3",
      "2026-03-05T07:08:09+03:0", "2026-03-05T07:08:09+24:00", "2026-03-05T07:08:09ZZ", "2026-03-05T07:08:09z",
      " 2026-03-05", "2026-03-05 ", "٢٠٢٦-03-05", "Thu, 05 Mar 2026 07:08:09 +0000", "1772694489", "-026-03-05",
    ])
  func refused(text: String) {
    #expect(ISO8601.milliseconds(of: text) == nil)
  }

  @Test("every day from 1999 to 2101 is one more than the day before, and reads back")
  func everyDay() {
    var day = ISO8601.seconds(of: "1999-01-01") ?? 0
    while day < 4_134_000_000 {
      let text = ISO8601.text(seconds: day)
      #expect(text.hasSuffix("T00:00:00Z"))
      #expect(ISO8601.seconds(of: text) == day)
      #expect(ISO8601.seconds(of: text.prefix(10)) == day)
      day += 86_400
    }
    #expect(ISO8601.text(seconds: 4_133_980_800) == "2101-01-01T00:00:00Z")
  }

  @Test(
    "a moment is written to the millisecond",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (1_772_694_489_007, "2026-03-05T07:08:09.007Z"),
    ] as [(Int64, String)])
  func milliseconds(moment: Int64, text: String) {
    #expect(ISO8601.text(milliseconds: moment) == text)
  }
}
