/// Masks what looks like a secret in text that goes to a log, a listing or an error.
///
/// Three rules: a value after a secret's name (`api_key=…`, `"password": "…"`, `GEMINI_API_KEY: …`), a value that tells
/// by its own beginning that it is a key (`sk_live_…`, `AIza…`, `Bearer …`), and credentials in a URL.
package enum Redaction {
  package static let mask = "****"

  /// Whether a setting, a field or a header of this name holds a secret.
  package static func isSecret(name: some StringProtocol) -> Bool {
    let name = name.lowercased()
    return secretNames.contains { name.hasSuffix($0) }
  }

  package static func masked(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      guard mayHoldSecret(bytes) else { return String(decoding: bytes, as: UTF8.self) }
      var scan = Scan(bytes: Array(bytes))
      return scan.run()
    }
  }

  static let secretNames = [
    "api key", "api_key", "api-key", "apikey", "_key", "token", "password", "passwd", "secret", "authorization",
  ]

  /// Beginnings that only keys have.
  static let keyPrefixes: [[UInt8]] = [
    "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "AIza", "ghp_", "github_pat_", "sk-",
  ].map { Array($0.utf8) }

  /// One pass that answers no for nearly every line: a secret needs one of `=`, `:`, a key's beginning or "earer ".
  private static func mayHoldSecret(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      switch bytes[index] | 0x20 {
      case UInt8(ascii: "k"), UInt8(ascii: "t"), UInt8(ascii: "p"), UInt8(ascii: "s"), UInt8(ascii: "a"),
        UInt8(ascii: "b"), UInt8(ascii: "g"), UInt8(ascii: "r"), UInt8(ascii: "w"):
        for word in triggers where matches(word, bytes, at: index) { return true }
      default:
        if bytes[index] == UInt8(ascii: "@") { return true }
      }
      index += 1
    }
    return false
  }

  private static let triggers: [[UInt8]] = [
    "key", "token", "passw", "secret", "auth", "bearer ", "sk_", "sk-", "rk_", "whsec", "aiza", "ghp_", "github_pat",
  ].map { Array($0.utf8) }

  private static func matches(_ word: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    guard index + word.count <= bytes.count else { return false }
    for offset in 0..<word.count {
      let byte = bytes[index + offset]
      let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      if lower != word[offset] { return false }
    }
    return true
  }
}

extension Redaction {
  /// One walk over a text that may hold a secret.
  fileprivate struct Scan {
    let bytes: [UInt8]
    var index = 0
    var output: [UInt8] = []

    init(bytes: [UInt8]) {
      self.bytes = bytes
      output.reserveCapacity(bytes.count)
    }

    mutating func run() -> String {
      while index < bytes.count {
        if maskKey() || maskBearer() || maskCredentials() || maskNamedValue() { continue }
        output.append(bytes[index])
        index += 1
      }
      return String(decoding: output, as: UTF8.self)
    }

    private mutating func maskKey() -> Bool {
      guard index == 0 || !Self.isWord(bytes[index - 1]) else { return false }
      for prefix in Redaction.keyPrefixes where bytes[index...].starts(with: prefix) {
        let end = endOfRun(from: index + prefix.count, where: Self.isKeyByte)
        guard end - index - prefix.count >= 10 else { continue }
        output += Array(Redaction.mask.utf8)
        index = end
        return true
      }
      return false
    }

    private mutating func maskBearer() -> Bool {
      let word = "bearer "
      guard lowercased(index, word.utf8.count) == word else { return false }
      let start = index + word.utf8.count
      let end = endOfRun(from: start) { Self.isKeyByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "=") }
      guard end - start >= 10 else { return false }
      output += bytes[index..<start]
      output += Array(Redaction.mask.utf8)
      index = end
      return true
    }

    /// `scheme://user:password@host`: what stands before the `@` goes.
    private mutating func maskCredentials() -> Bool {
      guard bytes[index...].starts(with: Array("://".utf8)) else { return false }
      let start = index + 3
      let end = endOfRun(from: start) { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\"") }
      guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
        bytes[start..<at].contains(UInt8(ascii: ":"))
      else { return false }
      output += bytes[index..<start]
      output += Array(Redaction.mask.utf8)
      index = at
      return true
    }

    /// A value after a secret's name. A blank alone separates only what is long and has a digit, so that prose about
    /// keys stays readable.
    private mutating func maskNamedValue() -> Bool {
      guard let name = Redaction.secretNames.first(where: { lowercased(index, $0.utf8.count) == $0 }) else {
        return false
      }
      let afterName = index + name.utf8.count
      let start = endOfRun(from: afterName) { " \"':=\\".utf8.contains($0) }
      let separators = bytes[afterName..<start]
      guard !separators.isEmpty else { return false }
      let end = endOfRun(from: start) { $0 > 0x20 && !",\"'}\\".utf8.contains($0) }
      let value = bytes[start..<end]
      let assigned = separators.contains(UInt8(ascii: ":")) || separators.contains(UInt8(ascii: "="))
      let looksLikeKey = value.count >= 16 && value.contains { (0x30...0x39).contains($0) }
      guard !value.isEmpty, assigned || looksLikeKey else { return false }
      if value.elementsEqual("Bearer".utf8) { return false }
      output += bytes[index..<start]
      output += Array(Redaction.mask.utf8)
      index = end
      return true
    }

    private func lowercased(_ start: Int, _ count: Int) -> String? {
      guard start + count <= bytes.count else { return nil }
      return String(decoding: bytes[start..<start + count], as: UTF8.self).lowercased()
    }

    private func endOfRun(from start: Int, where belongs: (UInt8) -> Bool) -> Int {
      var end = min(start, bytes.count)
      while end < bytes.count, belongs(bytes[end]) { end += 1 }
      return end
    }

    private static func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
      isWord(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
  }
}
