import HTTPTypes
import Testing

@testable import NexyUpdates

@Suite("Conditional requests")
struct DownloadAnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let fields: HTTPFields
    var isHead = false
    var tag: String? = "abc"
    let expected: DownloadAnswer

    init(_ fields: HTTPFields, isHead: Bool = false, tag: String? = "abc", _ expected: DownloadAnswer) {
      self.fields = fields
      self.isHead = isHead
      self.tag = tag
      self.expected = expected
    }

    var testDescription: String {
      "\(isHead ? "HEAD" : "GET") \(fields.map { "\($0.name): \($0.value)" }), tag \(tag ?? "unknown")"
    }
  }

  static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
  static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"
  static let after = "Sun, 06 Nov 1994 08:49:38 GMT"
  static let part = DownloadAnswer.part(5..<10)

  static let cases: [Case] = [
    Case([:], .whole),
    // If-Match compares strongly and comes first.
    Case([.ifMatch: "\"abc\""], .whole),
    Case([.ifMatch: "*"], .whole),
    Case([.ifMatch: "\"x\", \"abc\""], .whole),
    Case([.ifMatch: "\"x\""], .preconditionFailed),
    Case([.ifMatch: "W/\"abc\""], .preconditionFailed),
    Case([.ifMatch: "abc"], .preconditionFailed),
    Case([.ifMatch: ""], .preconditionFailed),
    Case([.ifMatch: "\"abc\""], tag: nil, .preconditionFailed),
    Case([.ifMatch: "\"\""], tag: nil, .preconditionFailed),
    Case([.ifMatch: "*"], tag: nil, .whole),
    Case([.ifMatch: "\"abc\"", .ifUnmodifiedSince: before], .whole),
    Case([.ifMatch: "\"x\"", .ifNoneMatch: "\"abc\""], .preconditionFailed),
    Case([.ifMatch: "\"abc\"", .ifNoneMatch: "\"abc\""], .notModified),
    // If-Unmodified-Since.
    Case([.ifUnmodifiedSince: before], .preconditionFailed),
    Case([.ifUnmodifiedSince: modified], .whole),
    Case([.ifUnmodifiedSince: after], .whole),
    Case([.ifUnmodifiedSince: "yesterday"], .whole),
    Case([.ifUnmodifiedSince: before, .range: "bytes=5-9"], isHead: true, .preconditionFailed),
    // If-None-Match compares weakly and hides If-Modified-Since.
    Case([.ifNoneMatch: "\"abc\""], .notModified),
    Case([.ifNoneMatch: "W/\"abc\""], .notModified),
    Case([.ifNoneMatch: "*"], .notModified),
    Case([.ifNoneMatch: "\"x\",\"y, z\" , W/\"abc\""], .notModified),
    Case([.ifNoneMatch: "\"x\""], .whole),
    Case([.ifNoneMatch: "\"abc"], .whole),
    Case([.ifNoneMatch: "\"x\" garbage \"abc\""], .whole),
    Case([.ifNoneMatch: "\"abc\""], tag: nil, .whole),
    Case([.ifNoneMatch: "\"abc\""], isHead: true, .notModified),
    Case([.ifNoneMatch: "\"x\"", .ifModifiedSince: after], .whole),
    Case([.ifNoneMatch: "\"abc\"", .range: "bytes=5-9"], .notModified),
    // If-Modified-Since.
    Case([.ifModifiedSince: before], .whole),
    Case([.ifModifiedSince: modified], .notModified),
    Case([.ifModifiedSince: after], .notModified),
    Case([.ifModifiedSince: modified], isHead: true, .notModified),
    Case([.ifModifiedSince: "never"], .whole),
    // Range and If-Range.
    Case([.range: "bytes=5-9"], part),
    Case([.range: "bytes=5-9"], isHead: true, .whole),
    Case([.range: "bytes=100-"], .unsatisfiable),
    Case([.range: "bytes=100-"], isHead: true, .whole),
    Case([.range: "bytes=5-9", .ifRange: "\"abc\""], part),
    Case([.range: "bytes=5-9", .ifRange: "W/\"abc\""], .whole),
    Case([.range: "bytes=5-9", .ifRange: "\"x\""], .whole),
    Case([.range: "bytes=5-9", .ifRange: "\"abc\", \"x\""], .whole),
    Case([.range: "bytes=5-9", .ifRange: "*"], .whole),
    Case([.range: "bytes=5-9", .ifRange: ""], .whole),
    Case([.range: "bytes=100-", .ifRange: "\"x\""], .whole),
    Case([.range: "bytes=5-9", .ifRange: "\"abc\""], tag: nil, .whole),
    Case([.range: "bytes=5-9", .ifRange: modified], part),
    Case([.range: "bytes=5-9", .ifRange: modified], tag: nil, part),
    Case([.range: "bytes=5-9", .ifRange: after], .whole),
    Case([.range: "bytes=5-9", .ifRange: before], .whole),
    Case([.range: "bytes=5-9", .ifMatch: "\"abc\"", .ifRange: "\"abc\""], part),
    Case([.ifRange: "\"x\""], .whole),
  ]

  @Test("The first condition that decides, decides", arguments: cases)
  func decides(_ example: Case) {
    let answer = DownloadAnswer.decide(
      example.fields, isHead: example.isHead, validators: .init(tag: example.tag, modified: 784_111_777), size: 100)
    #expect(answer == example.expected)
  }
}
