import NexyCore
import NexyUpdates
import Testing

@Suite("An artifact comes by https from an allowed host, and from nowhere else")
struct ArtifactURLTests {
  private static let rules = ManifestRules(allowedHosts: ["github.com", "Updates.Example.org:8443", "10.0.0.7"])

  @Test(
    "what is allowed is no finding",
    arguments: [
      "https://github.com/a/b/releases/download/Update/Nexy.dmg", "https://GitHub.COM/Nexy.dmg",
      "https://github.com:443/Nexy.dmg", "https://updates.example.org:8443/downloads/Nexy.dmg",
      "https://github.com/a/Nexy%202.dmg", "https://github.com/a/Nexy-2.0.0.15_(x).dmg", "https://10.0.0.7/Nexy.dmg",
    ])
  func allowed(url: String) throws {
    #expect(rulesBroken(by: url) == [])
  }

  private static let forbidden: [(url: String, rule: String)] = [
    ("", "url-https"), ("Nexy.dmg", "url-https"), ("http://github.com/Nexy.dmg", "url-https"),
    ("HTTPS://github.com/Nexy.dmg", "url-https"), ("https:/github.com/Nexy.dmg", "url-https"),
    ("https:///Nexy.dmg", "url-https"), ("file:///etc/Nexy.dmg", "url-https"),
    (" https://github.com/Nexy.dmg", "url-https"),
    ("https://github.com/Nexy.dmg ", "url-https"), ("https://github.com/Ne xy.dmg", "url-https"),
    ("https://github.com/Nexy\n.dmg", "url-https"), ("https://github.com/Nexy\u{0}.dmg", "url-https"),
    ("https://github.com\\@evil.example/Nexy.dmg", "url-https"), ("https://github.com/Нексы.dmg", "url-https"),
    ("https://github.com@evil.example/Nexy.dmg", "url-https"), ("https://user:pw@github.com/Nexy.dmg", "url-https"),
    ("https://github.com/\"onload=\"x.dmg", "url-https"), ("https://git%68ub.com/Nexy.dmg", "url-https"),
    ("https://githüb.com/Nexy.dmg", "url-https"),
    ("https://evil.example/Nexy.dmg", "url-host"), ("https://github.com.evil.example/Nexy.dmg", "url-host"),
    ("https://evil-github.com/Nexy.dmg", "url-host"), ("https://sub.github.com/Nexy.dmg", "url-host"),
    ("https://github.com./Nexy.dmg", "url-host"), ("https://github.com:8443/Nexy.dmg", "url-host"),
    ("https://github.com:/Nexy.dmg", "url-host"), ("https://github.com:0443/Nexy.dmg", "url-host"),
    ("https://updates.example.org/Nexy.dmg", "url-host"), ("https://updates.example.org:443/Nexy.dmg", "url-host"),
    ("https://127.0.0.1/Nexy.dmg", "url-host"), ("https://[::1]/Nexy.dmg", "url-host"),
    ("https://2130706433/Nexy.dmg", "url-host"), ("https://0x7f.1/Nexy.dmg", "url-host"),
    ("https://167772167/Nexy.dmg", "url-host"), ("https://010.0.0.7/Nexy.dmg", "url-host"),
    ("https://github.com/Nexy.dmg?x=.dmg", "url-query"), ("https://github.com/Nexy.dmg#.dmg", "url-query"),
    ("https://github.com/a/../b/Nexy.dmg", "url-path"), ("https://github.com/a/%2e%2E/Nexy.dmg", "url-path"),
    ("https://github.com/a/./Nexy.dmg", "url-path"), ("https://github.com/a//Nexy.dmg", "url-path"),
    ("https://github.com/a%2fNexy.dmg", "url-path"), ("https://github.com/a%5CNexy.dmg", "url-path"),
    ("https://github.com/a%/Nexy.dmg", "url-path"), ("https://github.com/%0a/Nexy.dmg", "url-path"),
    ("https://github.com/%C3/Nexy.dmg", "url-path"),
    ("https://github.com/a/Nexy%00.dmg", "url-file"), ("https://github.com/a/", "url-file"),
    ("https://github.com/updates/appcast.xml", "url-feed"), ("https://github.com/appcast-beta.xml", "url-feed"),
    ("https://github.com/%61ppcast.XML", "url-feed"),
  ]

  @Test("what is not allowed is rejected by its rule", arguments: forbidden)
  func refused(url: String, rule: String) throws {
    #expect(rulesBroken(by: url) == [rule])
  }

  @Test("a URL without a path names no file")
  func noPath() {
    #expect(rulesBroken(by: "https://github.com") == ["url-file"])
  }

  @Test("several faults of one URL are told at once")
  func several() {
    #expect(rulesBroken(by: "https://evil.example/../x.dmg?a") == ["url-host", "url-query", "url-path"])
  }

  /// The rules that a URL breaks; whether its end fits the type is another story.
  private func rulesBroken(by url: String) -> [String] {
    guard let bytes = try? ManifestStage.bytes(["artifact.url": .string(url)]) else { return ["no JSON"] }
    return Manifest.reading(bytes, rules: Self.rules).findings.map(\.rule).filter { $0 != "type-suffix" }
  }
}
