import NexyRelease
import NexyUpdates
import Testing

@Suite("What is pushed holds no secret")
struct SecretScanTests {
  private static let letters = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7jKl0nOp3rSt6vWx9zAb2dEf5hIj8l"
  private static func some(_ count: Int) -> String { String(letters.prefix(count)) }
  private static let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI\n-----END PRIVATE KEY-----"

  private static let secrets: [(text: String, rule: String)] = [
    (pem, "secret-private-key"), ("-----BEGIN RSA PRIVATE KEY-----", "secret-private-key"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----", "secret-private-key"),
    ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "secret-private-key"),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "secret-private-key"),
    (#"{"key_file": "-----BEGIN PRIVATE KEY-----\nMC4C"}"#, "secret-private-key"),
    ("ghp_" + some(36), "secret-github"), ("ghs_" + some(36), "secret-github"),
    ("github_pat_" + some(22) + "_" + some(59), "secret-github"), ("sk_live_" + some(24), "secret-stripe"),
    ("rk_live_" + some(24), "secret-stripe"), ("AKIAIOSFODNN7EXAMPLE", "secret-aws"),
    ("aws_secret_access_key = " + some(40), "secret-named"), ("xoxb-123456789012-" + some(24), "secret-slack"),
    ("https://hooks.slack.com/services/T00000000/B00000000/" + some(24), "secret-slack"),
    ("AccountName=n;AccountKey=" + some(64) + "==;EndpointSuffix=core", "secret-azure"),
    ("https://n.blob.core.windows.net/x?sv=2024&sig=" + some(43) + "%3D", "secret-azure"),
    ("GOCSPX-" + some(28), "secret-google"), ("ya29." + some(60), "secret-google"),
    ("AIza" + some(35), "secret-named"), ("whsec_" + some(32), "secret-named"), ("sk-proj-" + some(40), "secret-named"),
    ("Authorization: Bearer " + some(30), "secret-named"), ("postgres://nexy:correct@db/x", "secret-named"),
    ("password=hunterhunter", "secret-named"), (#""api_key": "abcdefgh""#, "secret-named"),
    ("Password: hunter2", "secret-named"),
    ("GITHUB_TOKEN=" + some(20), "secret-named"), ("token: aGVsbG9Xb3JsZEhlbGxv", "secret-named"),
  ]

  @Test("secrets of every kind are found by line and kind, and never told", arguments: secrets)
  func found(text: String, rule: String) {
    let notes = "# What is new\n\nFaster answers.\n\(text)\nMore of it.\n"
    let findings = SecretScan().findings(inText: Array(notes.utf8), named: "notes")
    #expect(findings.first?.rule == rule)
    #expect(findings.first?.place == "notes line 4")
    #expect(findings.allSatisfy { $0.effect == .rejected && !$0.remedy.isEmpty })
    let value = text.split { " =:\"\n".contains($0) }.max { $0.count < $1.count } ?? ""
    #expect(!findings.contains { $0.description.contains(value) })
  }

  private static let prose = [
    "The API key is now optional.", "API key: now optional", "Password: required", "**Token:** renewed by itself",
    "Secrets: none are kept", "Fixed a crash when the token was empty.", "Bearer authentication was added.",
    "- Key bindings: Command-K opens the panel", "Set `GEMINI_API_KEY=YOUR_GEMINI_KEY_HERE` first.",
    "api_key=<your key>", "password=${PASSWORD}", "api_key: \"****\"", "Token = ...",
    "-----BEGIN PUBLIC KEY-----", "PRIVATE KEY handling was reworked", "sk_live_ keys are refused now",
    "ghp_ tokens are masked", "sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "https://github.com/owner/name/releases?sig=1", "Write to help@example.com, token of thanks",
    "sk-language-names were added",
    "Ключ API: теперь не нужен. Пароль: не меняется.", "API key: по желанию", "Keys for GitHub: see Settings",
  ]

  @Test("prose about keys and passwords passes", arguments: prose)
  func plain(text: String) {
    #expect(SecretScan().findings(inText: Array(text.utf8), named: "notes").map(\.description) == [])
  }

  @Test("a manifest as it is written passes, signature and checksum included")
  func manifest() throws {
    let stage = try ValidationStage()
    let manifest = ReleaseMembers.manifest(stage.manifest, with: stage.files)
    #expect(SecretScan().findings(inText: manifest.encoded(), named: "manifest").isEmpty)
  }

  @Test("each line is told once, in order")
  func lines() {
    let text = "password=one\nplain\nghp_\(Self.some(36)) password=two\n\r\ntoken=three"
    let findings = SecretScan().findings(inText: Array(text.utf8), named: "notes")
    #expect(findings.map(\.place) == ["notes line 1", "notes line 3", "notes line 5"])
    #expect(findings.map(\.rule) == ["secret-named", "secret-github", "secret-named"])
  }

  @Test("configured secrets are found as they are; those below twelve bytes are not looked for")
  func configured() {
    let scan = SecretScan(secrets: [Array("plain-words-only".utf8), Array("short".utf8)])
    let findings = scan.findings(inText: Array("a\nshort plain-words-only\nshort".utf8), named: "notes")
    #expect(findings.map(\.rule) == ["secret-configured"])
    #expect(findings.map(\.place) == ["notes line 2"])
  }

  @Test("bytes that are no text do no harm")
  func binary() {
    let bytes = [0xFF, 0xFE, 0x00] + Array("\n\u{FEFF}password=hunter2\n".utf8) + [0xC3]
    #expect(SecretScan().findings(inText: bytes, named: "notes").map(\.place) == ["notes line 2"])
    #expect(SecretScan().findings(inText: [], named: "notes").isEmpty)
  }
}
