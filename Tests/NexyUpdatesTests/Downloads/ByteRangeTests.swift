import Testing

@testable import NexyUpdates

@Suite("Byte ranges")
struct ByteRangeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let field: String?
    var size: Int64 = 1000
    let expected: ByteRange
    var testDescription: String { "\(field ?? "no field") of \(size)" }
  }

  static let cases: [Case] = [
    Case(field: nil, expected: .whole),
    Case(field: "bytes=0-0", expected: .part(0..<1)),
    Case(field: "bytes=0-499", expected: .part(0..<500)),
    Case(field: "bytes=500-999", expected: .part(500..<1000)),
    Case(field: "bytes=999-999", expected: .part(999..<1000)),
    Case(field: "bytes=500-", expected: .part(500..<1000)),
    Case(field: "bytes=0-", expected: .part(0..<1000)),
    Case(field: "bytes=-1", expected: .part(999..<1000)),
    Case(field: "bytes=-500", expected: .part(500..<1000)),
    Case(field: "bytes=-1000", expected: .part(0..<1000)),
    Case(field: "bytes=-5000", expected: .part(0..<1000)),
    Case(field: "bytes=900-5000", expected: .part(900..<1000)),
    Case(field: "bytes=000000000000000000000000000005-7", expected: .part(5..<8)),
    // The unit's case, blanks around the only element and empty elements of the list.
    Case(field: "Bytes=1-2", expected: .part(1..<3)),
    Case(field: "BYTES=1-2", expected: .part(1..<3)),
    Case(field: "bytes= 1-2\t", expected: .part(1..<3)),
    Case(field: "bytes=,, 1-2 ,", expected: .part(1..<3)),
    // Outside of the file.
    Case(field: "bytes=1000-", expected: .unsatisfiable),
    Case(field: "bytes=1000-2000", expected: .unsatisfiable),
    Case(field: "bytes=-0", expected: .unsatisfiable),
    Case(field: "bytes=-000", expected: .unsatisfiable),
    // More digits than a number has.
    Case(field: "bytes=0-99999999999999999999999999", expected: .part(0..<1000)),
    Case(field: "bytes=-99999999999999999999999999", expected: .part(0..<1000)),
    Case(field: "bytes=99999999999999999999999999-", expected: .unsatisfiable),
    Case(field: "bytes=9223372036854775807-9223372036854775807", expected: .unsatisfiable),
    Case(field: "bytes=9223372036854775808-9223372036854775809", expected: .unsatisfiable),
    Case(field: "bytes=0-9223372036854775807", expected: .part(0..<1000)),
    // Not well formed, or another unit: as if the field were not there.
    Case(field: "", expected: .whole),
    Case(field: "bytes", expected: .whole),
    Case(field: "bytes=", expected: .whole),
    Case(field: "bytes=-", expected: .whole),
    Case(field: "bytes=--1", expected: .whole),
    Case(field: "bytes=1", expected: .whole),
    Case(field: "bytes=a-b", expected: .whole),
    Case(field: "bytes=1-b", expected: .whole),
    Case(field: "bytes=+1-2", expected: .whole),
    Case(field: "bytes=1 - 2", expected: .whole),
    Case(field: "bytes=1-2-3", expected: .whole),
    Case(field: "bytes=0x1-2", expected: .whole),
    Case(field: "bytes=١-٢", expected: .whole),
    Case(field: "bytes=5-4", expected: .whole),
    Case(field: "bytes =1-2", expected: .whole),
    Case(field: "items=1-2", expected: .whole),
    Case(field: "=1-2", expected: .whole),
    Case(field: "bytes=1-2\u{0}", expected: .whole),
    // Several ranges.
    Case(field: "bytes=0-1,3-4", expected: .whole),
    Case(field: "bytes=0-1, bytes=3-4", expected: .whole),
    Case(field: "bytes=2000-,3000-", expected: .whole),
    // Nothing is in an empty file.
    Case(field: "bytes=0-", size: 0, expected: .unsatisfiable),
    Case(field: "bytes=0-0", size: 0, expected: .unsatisfiable),
    Case(field: "bytes=-1", size: 0, expected: .whole),
    Case(field: "bytes=-0", size: 0, expected: .unsatisfiable),
    Case(field: "bytes=0-0", size: 1, expected: .part(0..<1)),
    Case(field: "bytes=-1", size: .max, expected: .part(Int64.max - 1..<Int64.max)),
    Case(field: "bytes=5-", size: .max, expected: .part(5..<Int64.max)),
  ]

  @Test("A field is read as the RFC says", arguments: cases)
  func reads(_ example: Case) {
    #expect(ByteRange.parse(example.field, size: example.size) == example.expected)
  }
}
