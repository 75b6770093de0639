#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What a kind of secret looks like: a beginning that only it has, and enough of what follows it.
///
/// The beginnings are the vendors' own: GitHub
/// (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/), Stripe
/// (https://docs.stripe.com/keys), AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html),
/// Slack (https://docs.slack.dev/authentication/tokens), Azure Storage
/// (https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string).
struct SecretShape: Sendable {
  /// The end of a rule's name.
  let rule: String
  /// As it is told, such as `a GitHub token`.
  let kind: String
  let beginning: [UInt8]
  /// How many bytes of `alphabet` must follow.
  let minimum: Int
  let alphabet: Alphabet
  /// So sure that it is looked for in any bytes.
  let isCertain: Bool

  /// What a secret is written with.
  enum Alphabet: Sendable {
    case word, upper, token, base64

    func contains(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A: true
      case 0x61...0x7A: self != .upper
      case UInt8(ascii: "_"): self == .word || self == .token
      case UInt8(ascii: "-"), UInt8(ascii: "."): self == .token
      case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "%"): self == .base64
      default: false
      }
    }
  }

  init(
    _ rule: String, _ kind: String, _ beginning: String, _ minimum: Int, _ alphabet: Alphabet, isCertain: Bool = false
  ) {
    self.rule = rule
    self.kind = kind
    self.beginning = Array(beginning.utf8)
    self.minimum = minimum
    self.alphabet = alphabet
    self.isCertain = isCertain
  }

  static let all: [SecretShape] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map { Self("github", "a GitHub token", $0, 30, .word, isCertain: true) }
    + ["sk_live_", "rk_live_"].map { Self("stripe", "a live Stripe key", $0, 16, .word, isCertain: true) }
    + ["AKIA", "ASIA"].map { Self("aws", "an AWS access key", $0, 16, .upper) }
    + ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-"].map { Self("slack", "a Slack token", $0, 20, .token) }
    + ["AccountKey=", "SharedAccessKey="].map { Self("azure", "an Azure key", $0, 40, .base64) }
    + ["?sig=", "&sig="].map { Self("azure", "an Azure shared access signature", $0, 40, .base64) }
    + [
      Self("github", "a GitHub token", "github_pat_", 22, .word, isCertain: true),
      Self("slack", "a Slack webhook", "hooks.slack.com/services/", 20, .base64),
      Self("google", "a Google client secret", "GOCSPX-", 20, .token),
      Self("google", "a Google access token", "ya29.", 20, .token),
    ]

  /// Whether enough follows at `index`, where the beginning stands.
  func isWhole(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    let start = index + beginning.count
    guard start + minimum <= bytes.count else { return false }
    return bytes[start..<start + minimum].allSatisfy(alphabet.contains)
  }
}

/// The head of a private key in PEM (RFC 7468).
enum PrivateKeyBlock {
  static let rule = "private-key"
  static let kind = "a private key"
  static let beginning = Array("PRIVATE KEY".utf8)
  private static let head = Array("-----BEGIN ".utf8)
  /// Bytes of the longest word before `PRIVATE KEY`, such as `ENCRYPTED `.
  private static let longestWord = 16

  /// Whether `-----BEGIN … PRIVATE KEY` ends the words at `index`.
  static func isHead(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    for start in stride(from: index, through: max(head.count, index - longestWord), by: -1) {
      if start < index, !isWord(bytes[start]) { return false }
      if bytes[start - head.count..<start].elementsEqual(head) { return true }
    }
    return false
  }

  /// Whether a key follows the head, and not only the words that every TLS library holds.
  static func isWhole(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    guard isHead(at: index, in: bytes) else { return false }
    var place = index + beginning.count
    func take(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard place + count <= bytes.count, memcmp(bytes.baseAddress! + place, text.utf8Start, count) == 0 else {
        return false
      }
      place += count
      return true
    }
    _ = take(" BLOCK")
    guard take("-----") else { return false }
    _ = take("\r")
    // As a line ends, or as JSON and source text write it.
    guard take("\n") || take("\\n") || take("\\r\\n") else { return false }
    if take("Proc-Type:") || take("Version:") || take("\n") { return true }
    let line = bytes[place...].prefix(32)
    return line.count == 32 && line.allSatisfy(SecretShape.Alphabet.base64.contains)
  }

  private static func isWord(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || byte == 0x20 }
}

extension UnsafeRawBufferPointer {
  /// Where `word` stands at or after `start`; libc's `memchr` is as fast in a debug build.
  func index(of word: [UInt8], from start: Int) -> Int? {
    guard let base = baseAddress, let first = word.first else { return nil }
    var start = start
    while start + word.count <= count {
      guard let found = memchr(base + start, Int32(first), count - word.count + 1 - start) else { return nil }
      if memcmp(found, word, word.count) == 0 { return UnsafeRawPointer(found) - base }
      start = UnsafeRawPointer(found) - base + 1
    }
    return nil
  }
}
