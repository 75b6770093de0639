/// Masks what looks like a secret in text that goes to a log, a listing or an error.
///
/// Four rules: a value after a secret's name (`api_key=…`, `"password": "…"`), what follows `Bearer`, a value that tells
/// by its own beginning that it is a key (`sk_live_…`, `AIza…`), and credentials in a URL.
package enum Redaction {
  /// What stands where a secret stood.
  package static let mask = "****"

  private static let secretWords: Set<Substring> = ["apikey", "authorization", "passwd", "password", "secret", "token"]

  /// Whether a setting, a field or a header of this name holds a secret: one of its words says so, or `key` follows
  /// another word.
  package static func isSecret(name: some StringProtocol) -> Bool {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.contains(where: secretWords.contains) || words.dropFirst().contains("key")
  }

  /// The text with every secret in it masked; text without any comes back as it was, quickly.
  package static func masked(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      guard mayHoldSecret(bytes) else { return String(decoding: bytes, as: UTF8.self) }
      var masking = SecretMasking(bytes: Array(bytes))
      return masking.run()
    }
  }

  /// A place that would be masked.
  package struct Sighting: Sendable, Equatable {
    /// By which rule.
    package enum Kind: Sendable {
      /// It tells by its own beginning.
      case key
      case bearer
      case credentials
      /// After a secret's name, with `=` or `:` between.
      case assigned
      /// After a secret's name and a blank.
      case named
    }

    package let kind: Kind
    /// Bytes of the text's UTF-8.
    package let range: Range<Int>
  }

  /// What `masked` would mask, in the order of the text.
  package static func sightings(in text: String) -> [Sighting] {
    var masking = SecretMasking(bytes: Array(text.utf8))
    _ = masking.run()
    return masking.sightings
  }

  /// What every text with a secret in it holds, in any case; nearly every log line holds none of it.
  private static let triggers: [[UInt8]] = [
    "key", "token", "passw", "secret", "authorization", "bearer ", "sk_", "sk-", "rk_", "whsec_", "aiza", "ghp_",
    "github_pat_", "@",
  ].map { Array($0.utf8) }

  private static let firstBytes = Set(triggers.map { $0[0] })

  private static func mayHoldSecret(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.indices.contains { index in
      let first = lowercased(bytes[index])
      guard firstBytes.contains(first) else { return false }
      return triggers.contains { word in
        index + word.count <= bytes.count && word.indices.allSatisfy { lowercased(bytes[index + $0]) == word[$0] }
      }
    }
  }

  static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
