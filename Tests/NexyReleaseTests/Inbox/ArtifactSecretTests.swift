import Foundation
import NexyCore
import NexyRelease
import NexyUpdates
import Testing

@Suite("Artifacts of any size are looked through for what is a secret beyond doubt")
struct ArtifactSecretTests {
  /// The scan reads a mebibyte at a time.
  private static let piece = 1 << 20
  private static let token = "ghp_Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7j"
  private static let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAb3dEf6hIj9lMn2pQr5tUv8x"
  private static let configured = "correct-horse-battery-staple-" + String(repeating: "x", count: 300)

  private func findings(_ bytes: [UInt8]) async throws -> [Finding] {
    let path = FileManager.default.temporaryDirectory.appending(path: "nexy-\(UUID().uuidString)").path
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await SecretScan(secrets: [Array(Self.configured.utf8)]).findings(inArtifact: path, named: "Nexy.dmg")
  }

  private static let offsets = [
    0, 1, 500, piece - 1000, piece - 400, piece - 129, piece - 128, piece - 60, piece - 20, piece - 1, piece, piece + 1,
    2 * piece - 300, 2 * piece - 30, 3 * piece - 400,
  ]

  @Test("each is found once, wherever it stands, also across two pieces", arguments: offsets)
  func place(offset: Int) async throws {
    for (secret, rule, shift) in [
      (Self.token, "secret-github", 0), (Self.pem, "secret-private-key", 11), (Self.configured, "secret-configured", 0),
    ] {
      var bytes = [UInt8](repeating: 0x78, count: 3 * Self.piece)
      bytes.replaceSubrange(offset..<offset + secret.utf8.count, with: secret.utf8)
      let findings = try await findings(bytes)
      #expect(findings.map(\.rule) == [rule])
      #expect(findings.map(\.place) == ["Nexy.dmg byte \(offset + shift)"])
      #expect(!findings.contains { $0.description.contains(secret) })
    }
  }

  private static let words = [
    // What every TLS library holds.
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0",
    "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----", "PRIVATE KEY", "ghp_", "ghp_[A-Za-z0-9]{36}",
    "github_pat_short",
    "sk_live_XXXX", "password=hunter2", "AKIAIOSFODNN7EXAMPLE", "correct-horse-battery",
  ]

  @Test("words about keys, and what is uncertain in compressed bytes, pass", arguments: words)
  func harmless(text: String) async throws {
    #expect(try await findings([0, 1] + Array(text.utf8) + [0, 0xFF]).map(\.description) == [])
  }

  private static let spellings = [
    "-----BEGIN RSA PRIVATE KEY-----\r\nMIIEpAIBAAKCAQEA0123456789abcdefghijklmnop",
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
    #""-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"#,
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF",
  ]

  @Test("private keys are found in every way that they are written", arguments: spellings)
  func forms(text: String) async throws {
    #expect(try await findings(Array("\0\(text)\0".utf8)).map(\.rule) == ["secret-private-key"])
  }

  @Test("an empty file holds nothing; a list of findings has an end")
  func bounds() async throws {
    #expect(try await findings([]).isEmpty)
    let many = Array(String(repeating: Self.token + " ", count: 1000).utf8)
    #expect(try await findings(many).count == 20)
  }

  @Test("a file that is not there is an error with its path")
  func missing() async throws {
    let error = await #expect(throws: NexyError.self) {
      try await SecretScan().findings(inArtifact: "/no/such/file", named: "Nexy.dmg")
    }
    #expect(error?.code == .fileNotRead)
    #expect(error?.message.contains("/no/such/file") == true)
  }
}
