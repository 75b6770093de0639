import Testing

@testable import NexyUpdates

@Suite("The prefix of a proxy may stand before every path")
struct UpdatePathTests {
  private static let paths: [(asked: String, path: String)] = [
    ("/appcast.xml", "/appcast.xml"), ("/updates/appcast.xml", "/appcast.xml"), ("/updates", "/"), ("/updates/", "/"),
    ("/", "/"), ("/updates/updates/appcast.xml", "/updates/appcast.xml"),
    ("/updatesappcast.xml", "/updatesappcast.xml"),
    ("/updates/downloads/..%2fx", "/downloads/..%2fx"), ("", ""),
  ]

  @Test("a path without it", arguments: paths)
  func path(asked: String, path: String) { #expect(String(UpdateResponder.path(of: asked)) == path) }
}
