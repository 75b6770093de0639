import Foundation
import NIOCore
import NexyCore
import Testing

@testable import NexyProviders

@Suite struct JSONTextTests {
  static let values: [(JSONValue, String)] = [
    (.null, "null"), (true, "true"), (.integer(-7), "-7"), (.number(0.4), "0.4"), (.number(.infinity), "null"),
    ("", "\"\""), ("plain", "\"plain\""), ("a\"b\\c\n\r\t", #""a\"b\\c\n\r\t""#), ("\u{1}\u{1F}", #""\u0001\u001f""#),
    ("Привет 👩‍👩‍👧", "\"Привет 👩‍👩‍👧\""), ([], "[]"), ([1, "two", [:]], #"[1,"two",{}]"#),
    (["b": 1, "a": ["c": .null]], #"{"a":{"c":null},"b":1}"#),
  ]

  @Test(arguments: values) func `a value is written as JSON`(_ value: JSONValue, _ text: String) {
    #expect(String(buffer: value.jsonText()) == text)
  }

  @Test func `every character comes back`() throws {
    let text = String(String.UnicodeScalarView((0..<0x300).compactMap(UnicodeScalar.init)))
    #expect(try json(JSONValue.string(text).jsonText()) == .string(text))
  }

  @Test func `bytes that are no UTF-8 read as replacement characters`() {
    #expect(JSONBytes.decode(JSONValue.self, from: Array("\"a".utf8) + [0xFF] + Array("b\"".utf8)) == "a\u{FFFD}b")
    #expect(JSONBytes.decode(JSONValue.self, from: Array("{\"a\":".utf8)) == nil)
  }
}
