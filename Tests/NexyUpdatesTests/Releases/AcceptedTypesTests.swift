import Testing

@testable import NexyUpdates

@Suite("A client tells what it would rather have")
struct AcceptedTypesTests {
  private static let fields: [(field: String, json: Double, text: Double)] = [
    ("", 0, 0), ("*/*", 1, 1), ("application/json", 1, 0), ("text/*", 0, 1),
    ("text/plain;q=0.1, application/json", 1, 0.1), ("application/json; q=0.2, */*;q=0.5", 0.2, 0.5),
    ("APPLICATION/JSON;charset=utf-8;q=0.4", 0.4, 0), ("application/json;q=x", 0, 0), ("nonsense", 0, 0),
    ("application/json;q=7", 1, 0),
  ]

  @Test("qualities are read, the narrowest range counts", arguments: fields)
  func quality(field: String, json: Double, text: Double) {
    let accepted = AcceptedTypes(field)
    #expect(accepted.quality(of: "application", "json") == json)
    #expect(accepted.quality(of: "text", "plain") == text)
  }

  private static let preferences: [(field: String, json: Bool)] = [
    ("", false), ("*/*", false), ("application/json", true), ("application/json, text/plain", true),
    ("text/html, application/json", true), ("text/html,application/xml;q=0.9,*/*;q=0.8", false),
    ("text/plain;q=0.1, application/json", true),
    ("application/json;q=0.1, text/plain", false), ("application/json, */*", true), ("application/*", true),
  ]

  @Test("of two that are wanted alike, the first that is named", arguments: preferences)
  func preference(field: String, json: Bool) { #expect(AcceptedTypes(field).prefersJSON == json) }
}
