import NexyCore
import Testing

@Suite("A session is named by a UUID of version 4")
struct SessionIDTests {
  @Test("every spelling that Python reads is read, and kept as the client wrote it", arguments: SessionSpellings.same)
  func spelling(text: String) { #expect(SessionID(text)?.text == text) }

  @Test("two spellings of one identifier are one session", arguments: SessionSpellings.same)
  func equality(text: String) throws {
    let plain = try #require(SessionID(SessionSpellings.same[0]))
    let other = try #require(SessionID(text))
    #expect(other == plain)
    #expect(Set([plain, other]).count == 1)
  }

  @Test("every variant of RFC 4122 is read", arguments: SessionSpellings.versionFour)
  func variant(text: String) { #expect(SessionID(text)?.text == text) }

  @Test("different identifiers are different sessions")
  func inequality() {
    let texts = SessionSpellings.versionFour + [SessionSpellings.same[0]]
    #expect(Set(texts.compactMap(SessionID.init)).count == texts.count)
  }

  @Test("another version or variant is refused", arguments: SessionSpellings.otherVersions)
  func otherVersion(text: String, version: Int?) { #expect(SessionID(text) == nil) }

  @Test("what is no UUID is refused", arguments: SessionSpellings.junk + SessionSpellings.numbers)
  func junk(text: String) { #expect(SessionID(text) == nil) }

  @Test("a UUID stretched by dashes is refused")
  func stretched() {
    #expect(SessionID("f47ac10b-58cc-4372-a567-0e02b2c3d479" + String(repeating: "-", count: 100)) == nil)
  }
}
