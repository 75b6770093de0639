import NexyCore
import Testing

@testable import NexyChecks

@Suite("A page in JSON")
struct MemberKindTests {
  private static let kind = MemberKind.members([
    "name": .text, "since": .date, "limits": .members(["turns": .count]), "flags": .each(.flag),
    "states": .each(.members(["state": .word(["open", "closed"])])), "reasons": .texts,
  ])
  private static let whole: [String: JSONValue] = [
    "name": "n", "since": "2026-02-25T12:00:00Z", "limits": ["turns": 4], "flags": ["a": true],
    "states": [["state": "open"]], "reasons": ["one"], "more": .null,
  ]

  @Test("with all its members has no fault, whatever else it has")
  func whole() { #expect(Self.kind.faults(.object(Self.whole)).isEmpty) }

  @Test(
    "tells what is missing or is something else",
    arguments: [
      ("name", nil, "no name"), ("name", .null, "name is no text"), ("name", 7, "name is no text"),
      ("since", "yesterday", "since yesterday"), ("limits", [:], "no limits.turns"),
      ("limits", ["turns": -1], "limits.turns is no number from 0 on"), ("limits", "many", "limits many"),
      ("flags", ["a": 1], "flags.a is no true or false"), ("flags", .null, "flags is no list"),
      ("states", [["state": "asleep"]], "states.0.state asleep"),
      ("reasons", ["one", 2], "reasons is no array of texts"),
    ] as [(String, JSONValue?, String)])
  func faults(name: String, value: JSONValue?, expected: String) {
    var page = Self.whole
    page[name] = value
    #expect(Self.kind.faults(.object(page)) == [expected])
  }
}
