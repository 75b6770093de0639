import Foundation
import NexyCore
import Testing

@Suite("A JSON value is kept as it was read")
struct JSONValueTests {
  private static let documents: [(text: String, value: JSONValue)] = [
    ("null", .null), ("true", true), ("false", false),
    ("0", 0), ("1", 1), ("-7", -7), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("0.5", .number(0.5)), ("-2.25", .number(-2.25)), ("1e300", .number(1e300)),
    ("18446744073709551616", .number(18_446_744_073_709_551_616)),
    (#""""#, ""), (#""Привет""#, "Привет"), (#""\ud83c\udf89""#, "🎉"), (#""a\"b\\c\n\u0001""#, "a\"b\\c\n\u{1}"),
    (#""1""#, "1"), (#""true""#, "true"), (#""null""#, "null"),
    ("[]", []), ("{}", [:]), ("[1,[2,[null]],\"x\"]", [1, [2, [.null]], "x"]),
    (
      #"{"app_name":"Safari","count":3,"deep":{"flag":true,"list":[0.5,null]}}"#,
      ["app_name": "Safari", "count": 3, "deep": ["flag": true, "list": [.number(0.5), .null]]]
    ),
  ]

  @Test("a document is read", arguments: documents)
  func read(text: String, value: JSONValue) throws {
    #expect(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) == value)
  }

  @Test("what is written reads back equal", arguments: documents)
  func roundTrip(text: String, value: JSONValue) throws {
    let written = try JSONEncoder().encode(value)
    #expect(try JSONDecoder().decode(JSONValue.self, from: written) == value)
  }

  @Test("an object of any key keeps every member")
  func keys() throws {
    let object: JSONValue = ["": 1, "snake_case": 2, "camelCase": 3, "с пробелом": 4, "a.b": 5]
    #expect(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(object)) == object)
  }

  @Test("what is no JSON is refused", arguments: ["", "{", "[1", "nul", "'a'"])
  func refused(text: String) {
    #expect(throws: (any Error).self) { try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }
  }

  @Test("only a string has a string, only an object has members")
  func views() {
    #expect(JSONValue.string("a").string == "a")
    #expect(JSONValue.integer(1).string == nil)
    #expect(JSONValue.object(["a": 1]).object == ["a": 1])
    #expect(JSONValue.array([]).object == nil)
  }
}
