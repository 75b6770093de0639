import NIOHTTP1
import Testing

@testable import NexyProviders

@Suite struct RetryDelayTests {
  struct Case: Sendable {
    var fields: [String: String]
    var delay: Duration?
  }

  static let cases: [Case] = [
    Case(fields: [:], delay: nil),
    Case(fields: ["retry-after": "17"], delay: .seconds(17)),
    Case(fields: ["retry-after": "0"], delay: .zero),
    Case(fields: ["retry-after": "-1"], delay: nil),
    Case(fields: ["retry-after": "99999999"], delay: .seconds(86_400)),
    Case(fields: ["retry-after": "soon"], delay: nil),
    Case(fields: ["retry-after-ms": "1500", "retry-after": "2"], delay: .milliseconds(1500)),
    Case(
      fields: ["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"],
      delay: .seconds(30)),
    Case(
      fields: ["retry-after": "Tue, 29 Feb 2028 00:00:01 GMT", "date": "Mon, 28 Feb 2028 23:59:59 GMT"],
      delay: .seconds(2)),
    Case(
      fields: ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:50:07 GMT"], delay: .zero),
    Case(fields: ["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"], delay: nil),
    Case(
      fields: ["retry-after": "Sun, 06 Foo 1994 08:50:07 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"], delay: nil),
  ]

  @Test(arguments: cases) func `headers tell how long to wait`(_ example: Case) {
    #expect(RetryDelay.asked(by: HTTPHeaders(example.fields.map { ($0.key, $0.value) })) == example.delay)
  }

  static let dates: [(String, Int64)] = [
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Fri, 31 Dec 2099 23:59:59 GMT", 4_102_444_799),
  ]

  @Test(arguments: dates) func `dates count from 1970`(_ text: String, _ seconds: Int64) {
    #expect(RetryDelay.secondsOfDate(text) == seconds)
  }

  static let durations: [(String, Duration?)] = [
    ("17s", .seconds(17)), ("1.5s", .milliseconds(1500)), ("0s", .zero), ("99999999s", .seconds(86_400)),
    ("17", nil), ("-1s", nil), ("s", nil), ("nans", nil), ("", nil),
  ]

  @Test(arguments: durations) func `a protobuf duration ends with an s`(_ text: String, _ delay: Duration?) {
    #expect(RetryDelay.ofProtobuf(text) == delay)
  }
}
