import Testing

@testable import NexyRelease

@Suite("An address")
struct WebAddressTests {
  @Test(arguments: [
    ("https://example.com/a?b", true), ("HTTPS://Example.com", true), ("http://localhost:81/", true),
    ("http://127.0.0.1", true), ("http://127.9.9.9:1/", true), ("http://[::1]:80/x", true),
    ("http://example.com", false),
    ("http://128.0.0.1", false), ("http://127.0.0.1.example", false), ("http://127.1", false),
    ("http://localhost.example", false), ("https://u:p@example.com", false), ("https://ex ample.com", false),
    ("https://exämple.com", false), ("ftp://localhost", false), ("https:///x", false), ("", false),
  ])
  func `is taken over https, or of this machine`(_ text: String, _ isTaken: Bool) {
    #expect((WebAddress(text) != nil) == isTaken)
  }

  @Test(arguments: [
    ("https://a.example/x/y?q", "z", "https://a.example/x/z"),
    ("https://a.example/x", "/z?a#f", "https://a.example/z?a"),
    ("https://a.example/x", "//b.example/z", "https://b.example/z"),
    ("https://a.example/x", "https://b.example", "https://b.example"),
    ("https://a.example/x", "http://b.example", nil),
    ("https://a.example/x", "http://localhost/z", "http://localhost/z"),
    ("http://localhost/x", "http://b.example", nil),
  ])
  func `leads on`(_ from: String, _ location: String, _ to: String?) {
    #expect(WebAddress(from)?.redirected(to: location)?.text == to)
  }

  @Test(arguments: [
    ("https://a.example", "https://A.example:443/x", true), ("https://a.example", "https://b.example", false),
    ("http://localhost", "http://localhost:81", false), ("http://localhost", "https://localhost", false),
  ])
  func `has an origin`(_ one: String, _ other: String, _ isSame: Bool) throws {
    let (one, other) = (try #require(WebAddress(one)), try #require(WebAddress(other)))
    #expect(one.sharesOrigin(with: other) == isSame)
  }
}
