import NexyCore
import NexyUpdates
import Testing

@testable import NexyRelease

@Suite("Finding and changing a version in a file leaves all else as it is")
struct VersionOccurrenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let row: String
    let text: String
    let found: [String]
    let lines: [Int?]
    let after: String

    init(_ row: String, _ text: String, _ found: [String], _ lines: [Int?], _ after: String) {
      (self.row, self.text, self.found, self.lines, self.after) = (row, text, found, lines, after)
    }

    var testDescription: String { "\(row): \(text.debugDescription)" }
  }

  static let cases = [
    Case("file V", "2.0.0.15\n", ["2.0.0.15"], [nil], "9.8.7.6\n"),
    Case("file V", " 2.0.0.15", ["2.0.0.15"], [nil], "9.8.7.6\n"),
    Case("file V", "v2\r\nand more\r\n", ["v2\r\nand more"], [nil], "9.8.7.6\n"),
    Case("file V", "", [""], [nil], "9.8.7.6\n"),
    Case("setting c.env A", "B=1\nA=1.2.3.4\nC=3\n", ["1.2.3.4"], [2], "B=1\nA=9.8.7.6\nC=3\n"),
    Case(
      "setting c.env A", "# A=1\n  export A = '1.2' # why\r\n", ["1.2"], [2], "# A=1\n  export A = '9.8.7.6' # why\r\n"),
    Case("setting c.env A", "A=\"1.2.3.4\"#x", ["1.2.3.4"], [1], "A=\"9.8.7.6\"#x"),
    Case(
      "setting c.env A", "A=1.2.3.4 # the 1.2.3.4\r\nA=2\n", ["1.2.3.4", "2"], [1, 2],
      "A=9.8.7.6 # the 1.2.3.4\r\nA=9.8.7.6\n"),
    Case("setting c.env A", "AB=1\nBA=2\nA=\nA='\n#A=4\n", [], [], "AB=1\nBA=2\nA=\nA='\n#A=4\n"),
    Case("yaml y s.v", "s:\n  # v: 1\n  v: 1.2.3.4  # é\n", ["1.2.3.4"], [3], "s:\n  # v: 1\n  v: 9.8.7.6  # é\n"),
    Case("yaml y s.v", "s.v: \"1.2\"\r\nt: 1\r\n", ["1.2"], [1], "s.v: \"9.8.7.6\"\r\nt: 1\r\n"),
    Case("yaml y s.v", "é: 1\ns: {ü: 'ö', v: '1.2'}\n", ["1.2"], [2], "é: 1\ns: {ü: 'ö', v: '9.8.7.6'}\n"),
    Case("yaml y s.v", "# s.v: 1\ns:\n  v:\n", [], [], "# s.v: 1\ns:\n  v:\n"),
    Case("yaml y s.v", "# only words\n", [], [], "# only words\n"),
    Case("yaml y s.v", "t:\n  v: 1\nv: 2\n", [], [], "t:\n  v: 1\nv: 2\n"),
    Case(
      "text d At {version}", "x\nAt 1.2.3.4.\nAt 5, At six\n", ["1.2.3.4", "5"], [2, 3],
      "x\nAt 9.8.7.6.\nAt 9.8.7.6, At six\n"),
    Case("text d v = \"{version}\"", "v = \"1\"; v = \"1.2.3.4.5\"", ["1"], [1], "v = \"9.8.7.6\"; v = \"1.2.3.4.5\""),
    Case("text d {version} é", "10.1.2.3.4 é, v1.2 é", ["1.2"], [1], "10.1.2.3.4 é, v9.8.7.6 é"),
    Case("text d At {version}", "At .5, At 1234567890\n", [], [], "At .5, At 1234567890\n"),
  ]

  @Test("each kind finds its versions, with their lines", arguments: cases)
  func found(item: Case) throws {
    let occurrences = try Self.place(item.row).occurrences(in: Array(item.text.utf8))
    #expect(occurrences.map(\.text) == item.found)
    #expect(occurrences.map(\.line) == item.lines)
  }

  @Test("another version takes its place and no other byte changes", arguments: cases)
  func changed(item: Case) throws {
    let place = try Self.place(item.row)
    let survey = VersionSurvey([place], rules: ManifestRules()) { _ in .present(Array(item.text.utf8), nil) }
    let version = try #require(ReleaseVersion(fourParts: "9.8.7.6"))
    let plan = try? VersionPlan(of: version, axes: [.server], in: survey, isOverridden: true)
    guard !item.found.isEmpty || place.kind.name != "text" else { return #expect(plan == nil) }
    let after = plan?.files.first?.new ?? Array(item.text.utf8)
    #expect(String(decoding: after, as: UTF8.self) == item.after)
  }

  @Test(
    "a file that is not of its kind is told",
    arguments: [
      ("yaml y s.v", Array("s: [".utf8), "no valid YAML"),
      ("yaml y s.v", Array("s:\n  v: [1]\n".utf8), "changed in its place"),
      ("yaml y s.v", Array("s:\n  v: |\n    1.2\n".utf8), "changed in its place"),
      ("yaml y s.v", Array("s:\n  v: \"1\\u002e2\"\n".utf8), "changed in its place"),
      ("file V", [0xFF, 0x31], "no UTF-8"),
    ])
  func wrong(row: String, bytes: [UInt8], reason: String) throws {
    let place = try Self.place(row)
    let problem = #expect(throws: PlaceProblem.self) { try place.occurrences(in: bytes) }
    #expect(problem?.reason.contains(reason) == true)
  }

  private static func place(_ row: String) throws -> VersionPlace {
    try #require(VersionTable.places("server \(row)\n# end").first)
  }
}
