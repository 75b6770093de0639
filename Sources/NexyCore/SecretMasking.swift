/// One walk over a text that may hold a secret; see `Redaction` for the rules.
struct SecretMasking {
  private let bytes: [UInt8]
  private var index = 0
  private var output: [UInt8] = []
  /// What was masked, in the order of the text.
  private(set) var sightings: [Redaction.Sighting] = []

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

  /// Beginnings that only keys have.
  private static let keyPrefixes: [[UInt8]] = [
    "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "AIza", "ghp_", "github_pat_", "sk-",
  ].map { Array($0.utf8) }

  private var startsWord: Bool { index == 0 || !Self.isWord(bytes[index - 1]) }

  private mutating func maskKey() -> Bool {
    guard startsWord, let prefix = Self.keyPrefixes.first(where: { bytes[index...].starts(with: $0) }) else {
      return false
    }
    let end = endOfRun(from: index + prefix.count) { Self.isWord($0) || $0 == UInt8(ascii: "-") }
    guard end - index - prefix.count >= 10 else { return false }
    return replace(index..<end, as: .key)
  }

  private mutating func maskBearer() -> Bool {
    let word = "bearer "
    guard startsWord, text(index..<index + word.utf8.count).lowercased() == word else { return false }
    let start = index + word.utf8.count
    let end = endOfRun(from: start) { Self.isWord($0) || "-.~+/=".utf8.contains($0) }
    guard end - start >= 10 else { return false }
    return replace(start..<end, as: .bearer)
  }

  /// `scheme://user:password@host`: what stands before the `@` goes.
  private mutating func maskCredentials() -> Bool {
    guard bytes[index...].starts(with: "://".utf8) else { return false }
    let start = index + 3
    let end = endOfRun(from: start) { $0 > 0x20 && !"/?#\"'".utf8.contains($0) }
    guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
      bytes[start..<at].contains(UInt8(ascii: ":"))
    else { return false }
    return replace(start..<at, as: .credentials)
  }

  private mutating func maskNamedValue() -> Bool {
    guard startsWord, let afterName = endOfSecretName() else { return false }
    let start = endOfRun(from: afterName) { " \t\r\n\"':=\\".utf8.contains($0) }
    let separators = bytes[afterName..<start]
    let assigned = separators.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }
    let isQuoted = assigned && (separators.last == UInt8(ascii: "\"") || separators.last == UInt8(ascii: "'"))
    let end =
      isQuoted
      ? endOfQuotation(from: start, after: separators) : endOfBareValue(from: start, name: text(index..<afterName))
    // A blank alone separates only what is too long for prose about keys and tokens.
    guard end > start, assigned || (!separators.isEmpty && looksLikeKey(bytes[start..<end])) else { return false }
    return replace(start..<end, as: assigned ? .assigned : .named)
  }

  /// Where the name at this place ends, when it is a secret's; "api key" counts as one.
  private func endOfSecretName() -> Int? {
    let end = endOfRun(from: index) { Self.isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    guard end > index else { return nil }
    let name = text(index..<end)
    if name.lowercased() == "api", text(end..<end + 4).lowercased() == " key" { return end + 4 }
    return Redaction.isSecret(name: name) ? end : nil
  }

  /// A quoted value ends at its quote, written as the one that opened it.
  private func endOfQuotation(from start: Int, after separators: ArraySlice<UInt8>) -> Int {
    let isEscaped = separators.dropLast().last == UInt8(ascii: "\\")
    return endOfRun(from: start) { $0 != (isEscaped ? UInt8(ascii: "\\") : separators.last) }
  }

  /// Any other value ends at a blank or a mark; `Authorization` has a scheme and a value.
  private func endOfBareValue(from start: Int, name: String) -> Int {
    let ends: (UInt8) -> Bool = { $0 > 0x20 && !",\"'}&\\".utf8.contains($0) }
    let end = endOfRun(from: start, where: ends)
    guard name.lowercased() == "authorization", end < bytes.count, bytes[end] == 0x20 else { return end }
    return endOfRun(from: end + 1, where: ends)
  }

  private func looksLikeKey(_ value: ArraySlice<UInt8>) -> Bool {
    value.count >= 20 || value.count >= 10 && value.contains { (0x30...0x39).contains($0) }
  }

  private mutating func replace(_ secret: Range<Int>, as kind: Redaction.Sighting.Kind) -> Bool {
    sightings.append(Redaction.Sighting(kind: kind, range: secret))
    output += bytes[index..<secret.lowerBound]
    output += Redaction.mask.utf8
    index = secret.upperBound
    return true
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  private func endOfRun(from start: Int, where belongs: (UInt8) -> Bool) -> Int {
    var end = min(start, bytes.count)
    while end < bytes.count, belongs(bytes[end]) { end += 1 }
    return end
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
