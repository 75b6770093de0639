import NexyCore
import Testing

@Suite("JSON is read to the letter and written as it was")
struct JSONReaderTests {
  private static let values: [(text: String, value: JSONValue)] = [
    ("null", .null), (" true\n", true), ("false", false), ("0", 0), ("-7", -7), ("-0", 0),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("1.0", .number(1)), ("0.5", .number(0.5)), ("1e3", .number(1000)), ("-2.5E-3", .number(-0.0025)),
    (#""""#, ""), (#""Привет 🎉""#, "Привет 🎉"), (#""\ud83c\udf89\u0041""#, "🎉A"),
    (#""\"\\\/\b\f\n\r\t\u0001""#, "\"\\/\u{8}\u{C}\n\r\t\u{1}"), (#""\u0000""#, "\0"),
    ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]),
    ("[1, [2.5, [null]], \"x\"]", [1, [.number(2.5), [.null]], "x"]),
    (#"{"a":{"b":[true,{}]},"c":"d"}"#, ["a": ["b": [true, [:]]], "c": "d"]),
  ]

  @Test("a document is read", arguments: values)
  func read(text: String, value: JSONValue) throws {
    let document = try JSONReader.document(Array(text.utf8))
    #expect(document.value == value)
    #expect(document.duplicateKeys.isEmpty)
  }

  @Test("what is written reads back equal, on one line and on several", arguments: values)
  func roundTrip(text: String, value: JSONValue) throws {
    #expect(try JSONReader.document(JSONWriter.pretty(value)).value == value)
    let line = JSONWriter.line(value)
    #expect(try JSONReader.document(line).value == value)
    #expect(line.firstIndex(of: 0x0A) == line.count - 1)
  }

  private static let broken: [(text: String, reason: String)] = [
    ("", "it ends too early"), (" ", "it ends too early"), ("{", "a key in quotation marks is missing"),
    ("[1", "it ends too early"), ("{\"a\":1", "it ends too early"), ("{\"a\"", "a colon is missing"),
    ("{\"a\":}", "there is no value"), ("[1,]", "there is no value"),
    ("{\"a\":1,}", "a key in quotation marks is missing"),
    ("[1 2]", "a comma is missing"), ("nul", "there is no value"), ("'a'", "there is no value"),
    ("01", "a number begins with 0"), ("+1", "there is no value"), ("-", "there is no value"),
    ("1.", "a fraction has no digits"), ("1e", "an exponent has no digits"), (".5", "there is no value"),
    ("NaN", "there is no value"), ("1 2", "something follows the value"), ("{}x", "something follows the value"),
    ("18446744073709551616", "a number is too large to be kept exactly"),
    ("1e999", "a number is too large to be kept exactly"), ("\"a", "it ends too early"),
    ("\"\n\"", "a control character stands in a text"),
    (#""\x""#, "a backslash stands before a letter that it cannot change"),
    (#""\ud83c""#, "a surrogate stands alone"), (#""\udf89""#, "a surrogate stands alone"),
    (#""\ud83cA""#, "a surrogate stands alone"), (#""\u12g4""#, "four hexadecimal digits are missing"),
    (#""\u12"#, "four hexadecimal digits are missing"), ("\u{FEFF}{}", "there is no value"),
    (String(repeating: "[", count: 100_000), "it is nested too deeply"),
  ]

  @Test("what is no JSON is refused with the reason", arguments: broken)
  func refused(text: String, reason: String) {
    let problem = #expect(throws: JSONReader.Problem.self) { try JSONReader.document(Array(text.utf8)) }
    #expect(problem?.reason == reason)
  }

  @Test(
    "bytes that are no UTF-8 are refused",
    arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0xFF, 0xFE, 0x7B, 0x00]])
  func noText(bytes: [UInt8]) {
    let problem = #expect(throws: JSONReader.Problem.self) { try JSONReader.document(bytes) }
    #expect(problem?.reason == "it is no UTF-8")
  }

  @Test("keys that stand twice are told, and the last one counts")
  func duplicates() throws {
    let text = #"{"a":1,"b":{"c":1,"c":2,"\u0063":3},"a":2}"#
    let document = try JSONReader.document(Array(text.utf8))
    #expect(document.duplicateKeys == ["b.c", "b.c", "a"])
    #expect(document.value == ["a": 2, "b": ["c": 3]])
  }

  @Test("a file looks as people write it: keys in order, slashes and letters as they are")
  func pretty() {
    let value: JSONValue = ["url": "https://a/ж", "b": [1, .number(0.5)], "a": [:], "c": [], "d": ["e": .null]]
    let text = """
      {
        "a": {},
        "b": [
          1,
          0.5
        ],
        "c": [],
        "d": {
          "e": null
        },
        "url": "https://a/ж"
      }

      """
    #expect(String(decoding: JSONWriter.pretty(value), as: UTF8.self) == text)
    #expect(
      String(decoding: JSONWriter.line(value), as: UTF8.self)
        == #"{"a":{},"b":[1,0.5],"c":[],"d":{"e":null},"url":"https://a/ж"}"# + "\n")
  }
}
