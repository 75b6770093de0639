import Foundation
import Logging
import NexyCore
import Testing

@testable import NexyObservability

@Suite("A line's context is JSON")
struct DecisionContextTests {
  private static let strings = [
    "", "plain", "two words", "quote \" and \\ backslash", "line\nbreak", "cr\rlf\r\n", "tab\t", "nul\u{0} bell\u{7}",
    "escape\u{1B}[31m", "sep\u{2028}ara\u{2029}tors", "Привет", "🎉", "{\"a\": 1}", "} dur_ms=5 msg=forged", "null",
    "12",
    "C:\\new\\table",
  ]

  @Test("a string reads back as it was", arguments: strings)
  func string(text: String) throws {
    #expect(try context(["a": .string(text)]) == ["a": .string(text)])
  }

  @Test("a string of any kind leaves the line whole", arguments: strings)
  func oneLine(text: String) { #expect(!line(["a": .string(text)]).holdsLineBreak) }

  @Test("a key of any kind reads back as it was", arguments: ["a b", "quote\"", "line\nbreak", "ключ"])
  func key(text: String) throws { #expect(try context([text: "x"]) == [text: "x"]) }

  private static let numbers: [(value: Logger.MetadataValue, json: JSONValue)] = [
    (.stringConvertible(0), 0), (.stringConvertible(-7), -7), (.stringConvertible(Int64.max), .integer(.max)),
    (.stringConvertible(UInt8(255)), 255), (.stringConvertible(0.5), .number(0.5)),
    (.stringConvertible(Float(0.25)), .number(0.25)), (.stringConvertible(1e21), .number(1e21)),
    (.stringConvertible(true), true), (.stringConvertible(false), false),
    ("12", "12"), ("true", "true"),
  ]

  @Test("a number stays a number, a truth a truth, a text a text", arguments: numbers)
  func number(value: Logger.MetadataValue, json: JSONValue) throws {
    #expect(try context(["a": value]) == ["a": json])
  }

  @Test("a number that JSON lacks leaves the context readable", arguments: [Double.nan, .infinity, -.infinity])
  func notANumber(value: Double) throws {
    #expect(try context(["a": .stringConvertible(value), "b": "kept"])["b"] == "kept")
  }

  @Test("lists and inner contexts keep their shape")
  func nested() throws {
    let metadata: Logger.Metadata = ["list": ["a", .stringConvertible(1)], "inner": ["deep": ["x": "y"]], "none": [:]]
    let expected: [String: JSONValue] = ["list": ["a", 1], "inner": ["deep": ["x": "y"]], "none": [:]]
    #expect(try context(metadata) == expected)
  }

  @Test("keys are sorted, so that lines compare")
  func sorted() { #expect(line(["b": "1", "a": "2", "c": "3"]).contains(#"ctx={"a": "2", "b": "1", "c": "3"}"#)) }

  private static let secretKeys = [
    "api_key", "api-key", "apikey", "GEMINI_API_KEY", "session_key", "token", "access_token", "password",
    "client_secret",
    "X-Goog-Api-Key", "Authorization", "api_key_2", "password_hash", "secret_value",
  ]

  @Test("a secret's value is masked whatever its length", arguments: secretKeys, ["x", "12345", "0123456789abcdef"])
  func secret(key: String, value: String) throws {
    #expect(try context([key: .string(value), "other": "kept"]) == [key: "****", "other": "kept"])
  }

  @Test("a secret's value is masked whatever its shape")
  func secretShape() throws {
    let shapes: [Logger.MetadataValue] = [.stringConvertible(1234), ["a", "b"], ["inner": "x"]]
    for shape in shapes { #expect(try context(["password": shape]) == ["password": "****"]) }
    #expect(try context(["outer": ["token": "x"]]) == ["outer": ["token": "****"]])
  }

  private static let holders: [(text: String, masked: String)] = [
    ("api_key=hunter2 refused", "api_key=**** refused"),
    ("GET https://anna:hunter2@example.com/", "GET https://****@example.com/"),
    ("whsec_0123456789abcdef", "****"),
    ("password='hunter2'", "password='****'"),
  ]

  @Test("a secret inside a value is masked", arguments: holders)
  func secretInside(text: String, masked: String) throws {
    #expect(try context(["detail": .string(text)]) == ["detail": .string(masked)])
  }

  private static let traps = [
    "password:\nhunter2", "token=\thunter2", "token: \"quoted\"", "bad token:", "password=", "secret: {", "secret: }",
    "token=a\\b", "password=\u{1}x", "{\"password\": \"hunter2\"}", "://a:b\"c@d",
  ]

  @Test("masking leaves the context readable", arguments: traps)
  func maskingKeepsJSON(text: String) throws {
    #expect(try context(["a": .string(text), "z": "kept"])["z"] == "kept")
    #expect(try context(["a": [.string(text)], "z": "kept"])["z"] == "kept")
  }

  @Test("counts of tokens are no secrets")
  func tokens() throws {
    let metadata: Logger.Metadata = ["input_tokens": .stringConvertible(12), "tokens": .stringConvertible(3)]
    #expect(try context(metadata) == ["input_tokens": 12, "tokens": 3])
  }

  private func line(_ metadata: Logger.Metadata) -> String {
    DecisionLine.format(level: .info, message: "END", metadata: metadata, at: .now)
  }

  /// The context as a JSON reader sees it.
  private func context(_ metadata: Logger.Metadata) throws -> [String: JSONValue] {
    let line = line(metadata)
    let start = try #require(line.firstRange(of: " ctx=")?.upperBound)
    try #require(line.hasSuffix(" msg=END"))
    let json = line[start...].dropLast(" msg=END".count)
    do {
      return try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
    } catch {
      Issue.record("no JSON: \(json)")
      throw error
    }
  }
}
