import NexyRelease
import Testing

@Suite("A file of a release")
struct ReleaseFileTests {
  @Test("has the same name in every inbox and on every shelf")
  func names() {
    #expect(ReleaseFile.Role.allCases.map(\.fileName) == ["Nexy.dmg", "Nexy.pkg", "LATEST_CHANGES.md"])
  }
}
