import NexyCore
import NexyRelease
import Testing

@Suite("The table of places where versions stand")
struct VersionTableTests {
  @Test("rows are lines, and a single line has ; between them", arguments: ["\n", " ; ", ";", "\r\n"])
  func rows(separator: String) throws {
    let rows = [
      "server file VERSION", "server setting config.env SERVER_VERSION", "client yaml a.yaml release.version",
      "client manifest updates/manifest.json", "client copy b.json updates/manifest.json",
      "client text README.md Version: {version}.",
    ]
    let places = try VersionTable.places(rows.joined(separator: separator))
    #expect(places.map(\.axis.rawValue) == ["server", "server", "client", "client", "client", "client"])
    #expect(places.map(\.kind.name) == ["file", "setting", "yaml", "manifest", "copy", "text"])
    let details = ["", "SERVER_VERSION", "release.version", "", "updates/manifest.json", "Version: {version}."]
    #expect(places.map(\.detail) == details)
  }

  @Test("a text between lines may have a semicolon in it")
  func semicolon() throws {
    let places = try VersionTable.places("server file VERSION\nserver text a.js const v = '{version}';\n")
    #expect(places.map(\.detail) == ["", "const v = '{version}';"])
  }

  @Test("blank rows and comments say nothing")
  func comments() throws {
    #expect(try VersionTable.places("\n# a word\nserver file VERSION\n\n").count == 1)
  }

  @Test(
    "a path has one spelling, and quotation marks around blanks",
    arguments: [
      ("./VERSION", "VERSION"), ("a//b/./c", "a/b/c"), ("/a/b/", "/a/b"), ("\"My Files/VERSION\"", "My Files/VERSION"),
    ])
  func paths(written: String, read: String) throws {
    #expect(try VersionTable.places("server file \(written)").map(\.path) == [read])
  }

  static let badRows: [(row: String, reason: String)] = [
    ("", "no row"), ("# nothing", "no row"), ("both file VERSION", "both is no axis"),
    ("server", "the kind is missing"),
    ("server blob VERSION", "blob is no kind"), ("server file", "the path is missing"),
    ("server file .", "names no file"),
    ("server file VERSION more", "\"more\" is more than"), ("server file \"VERSION", "not closed"),
    ("server setting config.env", "the name of the setting is missing"),
    ("server yaml a.yaml", "the dotted key is missing"),
    ("server setting config.env GEMINI_API_KEY", "holds a secret"),
    ("server yaml a.yaml db.password", "holds a secret"),
    ("server text README.md", "needs {version}"), ("server text README.md Version: 1", "needs {version}"),
    ("server text README.md {version}", "words around it"),
    ("server text README.md a {version} {version}", "in it once"),
    ("client copy a.json", "the path of the original is missing"), ("client manifest a.json b", "is more than"),
    ("server file VERSION; server file ./VERSION", "stands there twice"),
    ("server file VERSION; client file VERSION", "the same place is the server's"),
  ]

  @Test("a bad row is refused with what is wrong with it", arguments: badRows)
  func refused(row: String, reason: String) {
    let error = #expect(throws: NexyError.self) { try VersionTable.places(row) }
    #expect(error?.code == .versionPlacesRefused)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test("every bad row is named with its number")
  func allRows() {
    let error = #expect(throws: NexyError.self) { try VersionTable.places("server file\nserver file VERSION\nx y z") }
    #expect(error?.message.contains("row 1, \"server file\"") == true)
    #expect(error?.message.contains("row 3, \"x y z\"") == true)
  }
}
